#ifndef SETTLED_CSQLITE_H
#define SETTLED_CSQLITE_H

#include <sqlite3.h>
#include <stdint.h>

/* Linux's own: Swift's view of the C library leaves it out. Writes what has changed of this part of a
   file to the disk and waits for that, without the disk's cache: before, write, after = 7. */
extern int sync_file_range(int fd, int64_t offset, int64_t count, unsigned int flags);

/* sqlite3_db_config takes variable arguments, which Swift cannot give. */
static inline int settled_sqlite3_keep_log_on_close(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

/* And so does sqlite3_config. Without sums of the memory in use SQLite takes no lock for each
   allocation. Answers SQLITE_MISUSE, and keeps them, where SQLite is in use already. */
static inline int settled_sqlite3_keep_no_memory_sums(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

#endif
