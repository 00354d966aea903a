#!/usr/bin/env bash
# Joins the members into a replica set and makes the user that the service logs in as.
set -euo pipefail

# Passwords go in by the environment of this one process: an argument list is seen by others.
ROOT_PASSWORD=$(< /run/secrets/mongo-root-password)
SERVICE_PASSWORD=$(< /run/secrets/mongo-service-password)
export ROOT_PASSWORD SERVICE_PASSWORD

mongosh --quiet --host mongo-1 --eval '
  const { ROOT_PASSWORD, SERVICE_PASSWORD } = process.env;
  const admin = db.getSiblingDB("admin");
  admin.auth("root", ROOT_PASSWORD);
  try {
    rs.status();
  } catch (error) {
    if (error.codeName !== "NotYetInitialized") throw error;
    const members = [1, 2, 3].map((n) => ({ _id: n - 1, host: `mongo-${n}:27017` }));
    rs.initiate({ _id: "rs0", members });
  }
  while (!db.hello().isWritablePrimary) {
    if (db.hello().primary && db.hello().primary !== "mongo-1:27017") quit(0);
    sleep(500);
  }
  if (admin.getUser("qianyin") === null) {
    admin.createUser({
      user: "qianyin",
      pwd: SERVICE_PASSWORD,
      roles: [
        { role: "readWrite", db: "qianyin" },
        { role: "dbAdmin", db: "qianyin" },
      ],
    });
  }
'
