// Storage with a delay and a limit (LD_PRELOAD): each read of chunks takes DELAY_MS, and all of them
// together come at most at BYTES_PER_SECOND.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
static int is_of_chunks(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  return strstr(path, "/c/") != NULL;
}
static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}
static void wait_seconds(double seconds) {
  if (seconds > 0) usleep((useconds_t)(seconds * 1e6));
}
ssize_t pread64(int fd, void *to, size_t bytes, off64_t at) {
  static pthread_mutex_t line = PTHREAD_MUTEX_INITIALIZER;
  static double free_at;
  ssize_t (*next)(int, void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pread64");
  if (!is_of_chunks(fd)) return next(fd, to, bytes, at);
  wait_seconds(atof(getenv("DELAY_MS")) / 1000);
  pthread_mutex_lock(&line);
  double begin = now();
  free_at = (free_at > begin ? free_at : begin) + bytes / atof(getenv("BYTES_PER_SECOND"));
  double end = free_at;
  pthread_mutex_unlock(&line);
  wait_seconds(end - now());
  return next(fd, to, bytes, at);
}
