/*
 * Preloaded into a node together with faults.c: keeps a journal of what a power cut could take away. The
 * journal ($UNSYNCED_JOURNAL) lies outside of the directory that it is about ($UNSYNCED_ROOT), and says for
 * each write what was there before, for each change of names how to undo it, and what an fsync has made
 * durable. The node may then be killed, and the harness (UnsyncedJournal.java) undoes what no fsync covers.
 *
 * A record is written before what it tells of is done. So one that ends a moment before the deed only makes
 * us believe that more is durable than is: never that something is lost which an fsync had covered.
 *
 *   i64 bytes  of the record
 *   i64 kind   'W' content of a file: a inode, b offset, c size before, d bytes that were there (after the
 *                  header; left out if all are 0)
 *              'N' a file that is new: a inode, which may have been another's before
 *              'S' an fsync that succeeded: a inode of a file or a directory, b journal's length when it began
 *              'C' created, 'M' directory made, 'U' unlinked, 'D' directory removed, 'L' linked, 'R' renamed:
 *                  a inode of the directory that the (new) name is in, b of the one that the old name was in;
 *                  paths after the header, each with its 0: the (old) name, the new name
 *              'X' the deed failed: a where its record begins
 *   i64 a, b, c, d
 *
 * A file whose last name goes is kept as $UNSYNCED_ROOT/.unsynced/DIRECTORY-RECORD until its directory is
 * synced. What is below $UNSYNCED_ROOT/log is nobody's promise and left out.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 65536 /* descriptors beyond are not watched: what is written through them counts as durable */

struct header {
  int64_t bytes, kind, a, b, c, d;
};

static char root[PATH_MAX], kept[PATH_MAX + 16], logs[PATH_MAX + 16];
static int journal = -1;
static int64_t end;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char watched[FILES]; /* 1: a file below root, open for writing; 2: and for appending */

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (real == NULL) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int real_open(const char *path, int flags, mode_t mode) {
  REAL(int, "open64", const char *, int, ...);
  return real(path, flags, mode);
}
static int real_link(const char *from, const char *to) {
  REAL(int, "link", const char *, const char *);
  return real(from, to);
}
static int real_unlink(const char *path) {
  REAL(int, "unlink", const char *);
  return real(path);
}
static int real_mkdir(const char *path, mode_t mode) {
  REAL(int, "mkdir", const char *, mode_t);
  return real(path, mode);
}
static ssize_t real_writev(int fd, const struct iovec *of, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  return real(fd, of, count);
}

__attribute__((constructor)) static void begin_journal(void) {
  const char *file = getenv("UNSYNCED_JOURNAL"), *directory = getenv("UNSYNCED_ROOT");
  if (file == NULL || directory == NULL || strlen(directory) >= PATH_MAX) return;
  strcpy(root, directory);
  snprintf(kept, sizeof kept, "%s/.unsynced", root);
  snprintf(logs, sizeof logs, "%s/log/", root);
  journal = real_open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (journal >= 0) end = lseek(journal, 0, SEEK_END);
}

static int ours(const char *path) {
  size_t n = strlen(root);
  return journal >= 0 && n > 0 && strncmp(path, root, n) == 0 && path[n] == '/' &&
         strncmp(path, logs, strlen(logs)) != 0;
}

/* Returns where the record begins. */
static int64_t put(int64_t kind, int64_t a, int64_t b, int64_t c, int64_t d, const void *more, size_t n) {
  struct header h = {sizeof h + n, kind, a, b, c, d};
  struct iovec parts[2] = {{&h, sizeof h}, {(void *)more, n}};
  int error = errno;
  pthread_mutex_lock(&mutex);
  int64_t at = end;
  ssize_t written = real_writev(journal, parts, n > 0 ? 2 : 1);
  if (written != h.bytes) journal = -1; /* all later counts as durable */
  end += h.bytes;
  pthread_mutex_unlock(&mutex);
  errno = error;
  return at;
}

static int64_t length(void) {
  pthread_mutex_lock(&mutex);
  int64_t now = end;
  pthread_mutex_unlock(&mutex);
  return now;
}

static int64_t parent(const char *path) {
  char directory[PATH_MAX];
  const char *slash = strrchr(path, '/');
  struct stat s;
  size_t n = slash - path;
  if (n >= sizeof directory) return 0;
  memcpy(directory, path, n);
  directory[n] = 0;
  return stat(directory, &s) == 0 ? (int64_t)s.st_ino : 0;
}

static int there(const char *path) {
  struct stat s;
  int error = errno, result = lstat(path, &s) == 0;
  errno = error;
  return result;
}

static int64_t put_names(int64_t kind, const char *from, const char *to) {
  char names[2 * PATH_MAX];
  size_t n = strlen(from) + 1, m = to ? strlen(to) + 1 : 0;
  if (n > PATH_MAX || m > PATH_MAX) return -1;
  memcpy(names, from, n);
  if (to) memcpy(names + n, to, m);
  int error = errno;
  int64_t old = parent(from), now = to ? parent(to) : old;
  int64_t at = put(kind, now, old, 0, 0, names, n + m);
  errno = error;
  return at;
}

static int done(int64_t record, int result) {
  if (result < 0 && record >= 0) put('X', record, 0, 0, 0, NULL, 0);
  return result;
}

/* Keeps a file that is about to lose this name. */
static void keep(const char *path, int64_t record) {
  char name[PATH_MAX + 64];
  int error = errno;
  snprintf(name, sizeof name, "%s/%lld-%lld", kept, (long long)parent(path), (long long)record);
  if (real_link(path, name) != 0 && errno == ENOENT) {
    real_mkdir(kept, 0700);
    real_link(path, name);
  }
  errno = error;
}

/* A directory is synced: the names that it had lost before are lost for good. */
static void forget(int64_t directory, int64_t upto) {
  DIR *all = opendir(kept);
  if (all == NULL) return;
  for (struct dirent *e = readdir(all); e != NULL; e = readdir(all)) {
    long long of, record;
    char name[PATH_MAX + 300];
    if (sscanf(e->d_name, "%lld-%lld", &of, &record) == 2 && of == directory && record < upto) {
      snprintf(name, sizeof name, "%s/%s", kept, e->d_name);
      real_unlink(name);
    }
  }
  closedir(all);
}

/* For fsync and fdatasync of faults.c. */
int unsynced_sync(int fd, int (*sync)(int)) {
  struct stat s;
  if (journal < 0 || fstat(fd, &s) != 0) return sync(fd);
  int64_t upto = length();
  int result = sync(fd);
  if (result == 0 && (S_ISREG(s.st_mode) || S_ISDIR(s.st_mode))) {
    int error = errno;
    put('S', s.st_ino, upto, 0, 0, NULL, 0);
    if (S_ISDIR(s.st_mode)) forget(s.st_ino, upto);
    errno = error;
  }
  return result;
}

/* What is at [from, to) now, before it is written over or cut off. */
static void put_content(int fd, const struct stat *s, int64_t from, int64_t to) {
  int64_t n = (to < s->st_size ? to : s->st_size) - from;
  if (n < 0) n = 0;
  char *old = n > 0 ? malloc(n) : NULL;
  int64_t got = 0;
  while (old != NULL && got < n) {
    ssize_t more = pread(fd, old + got, n - got, from + got);
    if (more <= 0) break;
    got += more;
  }
  int zeros = 1;
  for (int64_t i = 0; i < got && zeros; i++) zeros = old[i] == 0;
  if (old == NULL ? n == 0 : got == n) put('W', s->st_ino, from, s->st_size, n, old, zeros ? 0 : n);
  free(old);
}

/* The node opens its files for writing only, and we want to read what is there. */
static void put_before(int fd, int64_t from, int64_t bytes) {
  char self[64];
  struct stat s;
  int error = errno;
  if (journal >= 0 && fstat(fd, &s) == 0) {
    if (from < 0) from = watched[fd] == 2 ? s.st_size : lseek(fd, 0, SEEK_CUR);
    if (from >= s.st_size) {
      put_content(fd, &s, from, from);
    } else {
      snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
      int reader = real_open(self, O_RDONLY | O_CLOEXEC, 0);
      if (reader >= 0) {
        put_content(reader, &s, from, from + bytes);
        close(reader);
      }
    }
  }
  errno = error;
}

static int is_watched(int fd) { return fd >= 0 && fd < FILES && watched[fd]; }

ssize_t write(int fd, const void *from, size_t n) {
  REAL(ssize_t, "write", int, const void *, size_t);
  if (is_watched(fd)) put_before(fd, -1, n);
  return real(fd, from, n);
}

ssize_t writev(int fd, const struct iovec *of, int count) {
  size_t n = 0;
  if (is_watched(fd)) {
    for (int i = 0; i < count; i++) n += of[i].iov_len;
    put_before(fd, -1, n);
  }
  return real_writev(fd, of, count);
}

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  if (is_watched(fd)) put_before(fd, at, n);
  return real(fd, from, n, at);
}

ssize_t pwrite(int fd, const void *from, size_t n, off_t at) { return pwrite64(fd, from, n, at); }

int ftruncate64(int fd, off64_t length) {
  REAL(int, "ftruncate64", int, off64_t);
  if (is_watched(fd)) put_before(fd, length, INT64_MAX / 2);
  return real(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int close(int fd) {
  REAL(int, "close", int);
  if (fd >= 0 && fd < FILES) watched[fd] = 0;
  return real(fd);
}

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  int writes = (flags & O_ACCMODE) != O_RDONLY;
  if (!writes || !ours(path)) return real_open(path, flags, mode);
  struct stat s;
  int error = errno, old = stat(path, &s) == 0;
  errno = error;
  int64_t record = -1;
  if (!old && (flags & O_CREAT)) record = put_names('C', path, NULL);
  if (old && (flags & O_TRUNC) && S_ISREG(s.st_mode)) {
    int reader = real_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (reader >= 0) {
      put_content(reader, &s, 0, s.st_size);
      close(reader);
    }
  }
  int fd = done(record, real_open(path, flags, mode));
  if (fd >= 0 && fd < FILES && fstat(fd, &s) == 0 && S_ISREG(s.st_mode)) {
    if (record >= 0) put('N', s.st_ino, 0, 0, 0, NULL, 0);
    watched[fd] = flags & O_APPEND ? 2 : 1;
  }
  return fd;
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open64(path, flags, mode);
}

int mkdir(const char *path, mode_t mode) {
  int64_t record = ours(path) && !there(path) ? put_names('M', path, NULL) : -1;
  return done(record, real_mkdir(path, mode));
}

int rmdir(const char *path) {
  REAL(int, "rmdir", const char *);
  int64_t record = ours(path) && there(path) ? put_names('D', path, NULL) : -1;
  return done(record, real(path));
}

int unlink(const char *path) {
  int64_t record = ours(path) && there(path) ? put_names('U', path, NULL) : -1;
  if (record >= 0) keep(path, record);
  return done(record, real_unlink(path));
}

int remove(const char *path) {
  struct stat s;
  return lstat(path, &s) == 0 && S_ISDIR(s.st_mode) ? rmdir(path) : unlink(path);
}

int link(const char *from, const char *to) {
  int64_t record = ours(to) && !there(to) ? put_names('L', from, to) : -1;
  return done(record, real_link(from, to));
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  int64_t record = ours(from) && ours(to) && there(from) ? put_names('R', from, to) : -1;
  if (record >= 0 && there(to)) keep(to, record);
  return done(record, real(from, to));
}
