#ifndef SETTLED_CSQLITE_H
#define SETTLED_CSQLITE_H

#include <sqlite3.h>

/* sqlite3_db_config takes variable arguments, which Swift cannot give. */
static inline int settled_sqlite3_keep_log_on_close(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

#endif
