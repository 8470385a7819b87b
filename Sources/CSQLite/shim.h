// The system's SQLite (Debian: libsqlite3-dev), which the manifest links statically on Linux.
#include <sqlite3.h>
