/*
 * A PKCS#11 module for tests: SoftHSM behind one slot, playing the faults of real tokens and drivers.
 *
 * Environment of the process that loads it:
 *   SHIM_TARGET   path of the real module
 *   SHIM_CONTROL  file of lines `name=value`, read again at every call (see shim.ts for the names)
 *   SHIM_STATE    file where the count of wrong PINs outlives the process, as it does on a token
 *
 * Only what the product calls is wrapped; everything else goes through unchanged.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <p11-kit/pkcs11.h>

#define SHIM_SLOT 7UL
#define MAX_SESSIONS 256

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST wrapped;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What the control file says now. `control` is compared to forget faults that were played once. */
static char control[4096];
static char plugged_label[64];
static CK_SLOT_ID plugged_slot;
static int is_plugged;
static int once_played;

/* The PIN of the last login, for tokens that want it before every signature. */
static unsigned char user_pin[64];
static CK_ULONG user_pin_length;
static struct { CK_SESSION_HANDLE session; int is_authenticated; } operations[MAX_SESSIONS];

static const char *setting(const char *name, char *out, size_t room)
{
    size_t length = strlen(name);
    const char *line = control;
    while (line != NULL && *line != '\0') {
        const char *end = strchr(line, '\n');
        size_t line_length = end == NULL ? strlen(line) : (size_t)(end - line);
        if (line_length > length && strncmp(line, name, length) == 0 && line[length] == '=') {
            size_t value_length = line_length - length - 1;
            if (value_length >= room) value_length = room - 1;
            memcpy(out, line + length + 1, value_length);
            out[value_length] = '\0';
            return out;
        }
        line = end == NULL ? NULL : end + 1;
    }
    out[0] = '\0';
    return out;
}

static int is_set(const char *name, const char *value)
{
    char text[128];
    return strcmp(setting(name, text, sizeof text), value) == 0;
}

/* Like is_set; with `once=yes` true a single time until the control file changes. */
static int plays(const char *name, const char *value)
{
    if (!is_set(name, value)) return 0;
    if (!is_set("once", "yes")) return 1;
    if (once_played) return 0;
    once_played = 1;
    return 1;
}

static void trim(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') text[--length] = '\0';
}

static int find_real_slot(const char *label, CK_SLOT_ID *found)
{
    CK_SLOT_ID slots[64];
    CK_ULONG count = 64;
    if (real->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK) return 0;
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        char text[33];
        if (real->C_GetTokenInfo(slots[i], &info) != CKR_OK) continue;
        memcpy(text, info.label, 32);
        text[32] = '\0';
        trim(text);
        if (strcmp(text, label) == 0) {
            *found = slots[i];
            return 1;
        }
    }
    return 0;
}

/* Reads the control file; a token that was pulled out or exchanged takes its sessions with it. */
static void refresh(void)
{
    char fresh[sizeof control];
    size_t length = 0;
    const char *path = getenv("SHIM_CONTROL");
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    if (file != NULL) {
        length = fread(fresh, 1, sizeof fresh - 1, file);
        fclose(file);
    }
    fresh[length] = '\0';
    if (strcmp(fresh, control) != 0) {
        strcpy(control, fresh);
        once_played = 0;
    }
    char label[64];
    setting("present", label, sizeof label);
    if (strcmp(label, plugged_label) == 0 && (is_plugged || label[0] == '\0')) return;
    if (is_plugged) real->C_CloseAllSessions(plugged_slot);
    strcpy(plugged_label, label);
    is_plugged = label[0] != '\0' && find_real_slot(label, &plugged_slot);
}

#define ENTER() do { pthread_mutex_lock(&lock); refresh(); } while (0)
#define LEAVE(value) do { CK_RV leaving = (value); pthread_mutex_unlock(&lock); return leaving; } while (0)
#define NEEDS_TOKEN() do { if (!is_plugged) LEAVE(CKR_DEVICE_REMOVED); } while (0)

static void die_or_hang(const char *name)
{
    int dies = plays(name, "abort");
    int hangs = !dies && plays(name, "hang");
    pthread_mutex_unlock(&lock);
    if (dies) abort();
    while (hangs) sleep(3600);
    pthread_mutex_lock(&lock);
}

/* The fault named by a setting, or CKR_OK. */
static CK_RV fault_of(const char *name)
{
    static const struct { const char *text; CK_RV value; } faults[] = {
        { "general-error", CKR_GENERAL_ERROR }, { "function-failed", CKR_FUNCTION_FAILED },
        { "device-error", CKR_DEVICE_ERROR },   { "device-memory", CKR_DEVICE_MEMORY },
        { "device-removed", CKR_DEVICE_REMOVED },
        { "session-handle-invalid", CKR_SESSION_HANDLE_INVALID },
        { "session-closed", CKR_SESSION_CLOSED }, { "key-handle-invalid", CKR_KEY_HANDLE_INVALID },
        { "operation-not-initialized", CKR_OPERATION_NOT_INITIALIZED },
        { "pin-expired", CKR_PIN_EXPIRED },     { "function-canceled", CKR_FUNCTION_CANCELED },
        { "host-memory", CKR_HOST_MEMORY },
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (plays(name, faults[i].text)) return faults[i].value;
    }
    return CKR_OK;
}

/* ---- wrong PINs ---- */

static long max_tries(void)
{
    char text[16];
    return strtol(setting("max-tries", text, sizeof text), NULL, 10);
}

static long wrong_tries(void)
{
    long tries = 0;
    const char *path = getenv("SHIM_STATE");
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%ld", &tries) != 1) tries = 0;
    fclose(file);
    return tries;
}

static void keep_wrong_tries(long tries)
{
    const char *path = getenv("SHIM_STATE");
    FILE *file = path == NULL ? NULL : fopen(path, "w");
    if (file == NULL) return;
    fprintf(file, "%ld\n", tries);
    fclose(file);
}

static int is_locked(void)
{
    return max_tries() > 0 && wrong_tries() >= max_tries();
}

/* ---- slots and tokens ---- */

static CK_RV shim_get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count)
{
    ENTER();
    die_or_hang("slots");
    CK_RV fault = fault_of("slots");
    if (fault != CKR_OK) LEAVE(fault);
    CK_ULONG there = is_set("slots", "none") || (present && !is_plugged) ? 0 : 1;
    if (slots != NULL && *count < there) LEAVE(CKR_BUFFER_TOO_SMALL);
    if (slots != NULL && there == 1) slots[0] = SHIM_SLOT;
    *count = there;
    LEAVE(CKR_OK);
}

static CK_RV shim_get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
    ENTER();
    if (slot != SHIM_SLOT) LEAVE(CKR_SLOT_ID_INVALID);
    memset(info, ' ', sizeof *info);
    info->flags = CKF_REMOVABLE_DEVICE | (is_plugged ? CKF_TOKEN_PRESENT : 0);
    LEAVE(CKR_OK);
}

static CK_RV shim_get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
    ENTER();
    if (slot != SHIM_SLOT) LEAVE(CKR_SLOT_ID_INVALID);
    if (!is_plugged) LEAVE(CKR_TOKEN_NOT_PRESENT);
    CK_RV result = real->C_GetTokenInfo(plugged_slot, info);
    if (result != CKR_OK) LEAVE(result);
    info->flags &= ~(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
    if (is_set("token-flags", "none")) info->flags = CKF_LOGIN_REQUIRED;
    else if (is_set("token-flags", "final-try")) info->flags |= CKF_USER_PIN_FINAL_TRY;
    else if (max_tries() > 0) {
        long left = max_tries() - wrong_tries();
        if (left <= 0) info->flags |= CKF_USER_PIN_LOCKED;
        else if (left == 1) info->flags |= CKF_USER_PIN_FINAL_TRY;
        else if (wrong_tries() > 0) info->flags |= CKF_USER_PIN_COUNT_LOW;
    }
    LEAVE(CKR_OK);
}

static CK_RV shim_get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count)
{
    ENTER();
    if (slot != SHIM_SLOT) LEAVE(CKR_SLOT_ID_INVALID);
    if (!is_plugged) LEAVE(CKR_TOKEN_NOT_PRESENT);
    LEAVE(real->C_GetMechanismList(plugged_slot, list, count));
}

static CK_RV shim_open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                               CK_SESSION_HANDLE_PTR session)
{
    ENTER();
    if (slot != SHIM_SLOT) LEAVE(CKR_SLOT_ID_INVALID);
    if (!is_plugged) LEAVE(CKR_TOKEN_NOT_PRESENT);
    LEAVE(real->C_OpenSession(plugged_slot, flags, application, notify, session));
}

static CK_RV shim_close_session(CK_SESSION_HANDLE session)
{
    ENTER();
    NEEDS_TOKEN();
    LEAVE(real->C_CloseSession(session));
}

static CK_RV shim_get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR info)
{
    ENTER();
    NEEDS_TOKEN();
    CK_RV result = real->C_GetSessionInfo(session, info);
    info->slotID = SHIM_SLOT;
    LEAVE(result);
}

/* ---- objects ---- */

static CK_RV shim_find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count)
{
    ENTER();
    NEEDS_TOKEN();
    LEAVE(real->C_FindObjectsInit(session, template, count));
}

static int is_hidden(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    CK_OBJECT_CLASS class = 0;
    unsigned char id[64] = { 0 };
    CK_ATTRIBUTE attributes[] = { { CKA_CLASS, &class, sizeof class }, { CKA_ID, id, sizeof id } };
    if (real->C_GetAttributeValue(session, object, attributes, 2) != CKR_OK) return 0;
    return class == CKO_CERTIFICATE && id[0] == 0x01;
}

static CK_RV shim_find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR objects,
                               CK_ULONG room, CK_ULONG_PTR count)
{
    ENTER();
    NEEDS_TOKEN();
    CK_RV result = real->C_FindObjects(session, objects, room, count);
    if (result != CKR_OK || !is_set("certificates", "encryption-only")) LEAVE(result);
    CK_ULONG kept = 0;
    for (CK_ULONG i = 0; i < *count; i++) {
        if (!is_hidden(session, objects[i])) objects[kept++] = objects[i];
    }
    *count = kept;
    LEAVE(CKR_OK);
}

static CK_RV shim_get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                      CK_ATTRIBUTE_PTR template, CK_ULONG count)
{
    ENTER();
    NEEDS_TOKEN();
    CK_RV result = real->C_GetAttributeValue(session, object, template, count);
    if (result == CKR_OK && is_set("always-authenticate", "yes")) {
        for (CK_ULONG i = 0; i < count; i++) {
            if (template[i].type == CKA_ALWAYS_AUTHENTICATE && template[i].pValue != NULL) {
                *(CK_BBOOL *)template[i].pValue = CK_TRUE;
            }
        }
    }
    LEAVE(result);
}

/* ---- login ---- */

static void set_authenticated(CK_SESSION_HANDLE session, int value)
{
    for (int i = 0; i < MAX_SESSIONS; i++) {
        if (operations[i].session == session || operations[i].session == 0) {
            operations[i].session = session;
            operations[i].is_authenticated = value;
            return;
        }
    }
}

static int is_authenticated(CK_SESSION_HANDLE session)
{
    for (int i = 0; i < MAX_SESSIONS; i++) {
        if (operations[i].session == session) return operations[i].is_authenticated;
    }
    return 0;
}

static CK_RV count_outcome(CK_RV result)
{
    if (result == CKR_OK) keep_wrong_tries(0);
    if (result != CKR_PIN_INCORRECT) return result;
    keep_wrong_tries(wrong_tries() + 1);
    return is_set("wrong-pin", "general-error") ? CKR_GENERAL_ERROR : result;
}

static CK_RV shim_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG length)
{
    ENTER();
    NEEDS_TOKEN();
    die_or_hang("login");
    CK_RV fault = fault_of("login");
    if (fault != CKR_OK) LEAVE(fault);
    if (is_locked()) LEAVE(CKR_PIN_LOCKED);
    if (user == CKU_CONTEXT_SPECIFIC) {
        int is_right = length == user_pin_length && memcmp(pin, user_pin, length) == 0;
        if (is_right) set_authenticated(session, 1);
        LEAVE(count_outcome(is_right ? CKR_OK : CKR_PIN_INCORRECT));
    }
    CK_RV result = real->C_Login(session, user, pin, length);
    if (result == CKR_OK && length <= sizeof user_pin) {
        memcpy(user_pin, pin, length);
        user_pin_length = length;
    }
    LEAVE(count_outcome(result));
}

static CK_RV shim_logout(CK_SESSION_HANDLE session)
{
    ENTER();
    NEEDS_TOKEN();
    LEAVE(real->C_Logout(session));
}

/* ---- signing ---- */

static CK_RV shim_sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
    ENTER();
    NEEDS_TOKEN();
    die_or_hang("sign-init");
    CK_RV fault = fault_of("sign-init");
    if (fault != CKR_OK) LEAVE(fault);
    set_authenticated(session, 0);
    LEAVE(real->C_SignInit(session, mechanism, key));
}

/* r and s as DER SEQUENCE of INTEGERs, as some vendors return it. */
static CK_ULONG pair_to_der(const unsigned char *pair, CK_ULONG length, unsigned char *out)
{
    CK_ULONG half = length / 2, at = 2;
    for (int part = 0; part < 2; part++) {
        const unsigned char *value = pair + part * half;
        CK_ULONG bytes = half;
        while (bytes > 1 && *value == 0) { value++; bytes--; }
        int pad = *value >= 0x80;
        out[at++] = 0x02;
        out[at++] = (unsigned char)(bytes + pad);
        if (pad) out[at++] = 0;
        memcpy(out + at, value, bytes);
        at += bytes;
    }
    out[0] = 0x30;
    out[1] = (unsigned char)(at - 2);
    return at;
}

static CK_RV sign_as_der(CK_SESSION_HANDLE session, unsigned char *input, CK_ULONG input_length,
                         unsigned char *output, CK_ULONG_PTR output_length)
{
    unsigned char pair[512], der[512];
    CK_ULONG pair_length = sizeof pair;
    /* The longest form is asked for, as a vendor's own size check would. */
    if (output != NULL && *output_length < 72) {
        *output_length = 72;
        return CKR_BUFFER_TOO_SMALL;
    }
    CK_RV result = real->C_Sign(session, input, input_length, pair, &pair_length);
    if (result != CKR_OK) return result;
    CK_ULONG der_length = pair_to_der(pair, pair_length, der);
    memcpy(output, der, der_length);
    *output_length = der_length;
    return CKR_OK;
}

static CK_RV shim_sign(CK_SESSION_HANDLE session, unsigned char *input, CK_ULONG input_length,
                       unsigned char *output, CK_ULONG_PTR output_length)
{
    ENTER();
    NEEDS_TOKEN();
    die_or_hang("sign");
    CK_RV fault = fault_of("sign");
    if (fault != CKR_OK) LEAVE(fault);
    if (is_set("always-authenticate", "yes") && !is_authenticated(session)) {
        LEAVE(CKR_USER_NOT_LOGGED_IN);
    }
    set_authenticated(session, 0);
    if (is_set("sign", "der")) LEAVE(sign_as_der(session, input, input_length, output, output_length));
    CK_RV result = real->C_Sign(session, input, input_length, output, output_length);
    if (result == CKR_OK && output != NULL && plays("sign", "flip")) output[*output_length / 2] ^= 1;
    LEAVE(result);
}

/* ---- the module ---- */

static CK_RV shim_initialize(void *arguments)
{
    ENTER();
    die_or_hang("initialize");
    CK_RV result = real->C_Initialize(arguments);
    plugged_label[0] = '\0';
    is_plugged = 0;
    LEAVE(result);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
    if (real == NULL) {
        const char *target = getenv("SHIM_TARGET");
        void *library = target == NULL ? NULL : dlopen(target, RTLD_NOW | RTLD_LOCAL);
        CK_C_GetFunctionList get = library == NULL ? NULL : (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
        if (get == NULL || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
        wrapped = *real;
        wrapped.C_Initialize = shim_initialize;
        wrapped.C_GetFunctionList = C_GetFunctionList;
        wrapped.C_GetSlotList = shim_get_slot_list;
        wrapped.C_GetSlotInfo = shim_get_slot_info;
        wrapped.C_GetTokenInfo = shim_get_token_info;
        wrapped.C_GetMechanismList = shim_get_mechanism_list;
        wrapped.C_OpenSession = shim_open_session;
        wrapped.C_CloseSession = shim_close_session;
        wrapped.C_GetSessionInfo = shim_get_session_info;
        wrapped.C_FindObjectsInit = shim_find_objects_init;
        wrapped.C_FindObjects = shim_find_objects;
        wrapped.C_GetAttributeValue = shim_get_attribute_value;
        wrapped.C_Login = shim_login;
        wrapped.C_Logout = shim_logout;
        wrapped.C_SignInit = shim_sign_init;
        wrapped.C_Sign = shim_sign;
    }
    *list = &wrapped;
    return CKR_OK;
}
