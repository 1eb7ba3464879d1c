/*
 * Preloaded into a node (LD_PRELOAD): makes its fsync slow or fail, and its time of day wrong. All of
 * it is ruled by a small file that the harness maps as well ($FAULTS_CONTROL names it), so it changes
 * at once, also while the node runs:
 *
 *   offset  0  i64  nanoseconds added to the time of day
 *           8  i64  microseconds that an fsync takes longer
 *          16  i64  1: an fsync fails with EIO
 *          24  i64  how many fsyncs have been delayed or failed, counted here
 *
 * Only the time of day is touched (CLOCK_REALTIME): nobody measures durations by it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
  volatile int64_t offset_nanos;
  volatile int64_t delay_micros;
  volatile int64_t fail;
  volatile int64_t count;
};

static struct control nothing;
static struct control *control = &nothing;
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  const char *path = getenv("FAULTS_CONTROL");
  int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd >= 0) {
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) control = mapped;
  }
}

static int faulty(void) {
  int64_t micros = control->delay_micros;
  int fail = control->fail != 0;
  if (micros > 0 || fail) __atomic_add_fetch(&control->count, 1, __ATOMIC_RELAXED);
  if (micros > 0) {
    struct timespec left = {micros / 1000000, (micros % 1000000) * 1000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {}
  }
  if (fail) errno = EIO;
  return fail;
}

/* In unsynced.c: calls it, and tells the journal of success. */
int unsynced_sync(int fd, int (*sync)(int));

int fsync(int fd) { return faulty() ? -1 : unsynced_sync(fd, real_fsync); }

int fdatasync(int fd) { return faulty() ? -1 : unsynced_sync(fd, real_fdatasync); }

int clock_gettime(clockid_t id, struct timespec *out) {
  if (real_clock_gettime == NULL) real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real_clock_gettime(id, out);
  int64_t offset = control->offset_nanos;
  if (result == 0 && offset != 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
    int64_t seconds = offset / 1000000000, nanos = out->tv_nsec + offset % 1000000000;
    if (nanos < 0) nanos += 1000000000, seconds--;
    if (nanos >= 1000000000) nanos -= 1000000000, seconds++;
    out->tv_sec += seconds;
    out->tv_nsec = nanos;
  }
  return result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  (void)zone;
  struct timespec now;
  int result = clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec, out->tv_usec = now.tv_nsec / 1000;
  return result;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}
