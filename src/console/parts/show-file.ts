/**
 * Opens a tab for a file that is still to come: a tab that is opened only when the file is there is
 * held for an advertisement by the browser.
 *
 * @returns shows the file; where the browser opened no tab, it is saved by the name of the address
 */
export function showFile(): (content: Blob) => void {
  const tab = window.open('', '_blank');
  return (content) => {
    const address = URL.createObjectURL(content);
    if (tab === null) location.assign(address);
    else tab.location.replace(address);
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
}
