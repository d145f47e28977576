// Writes the path of every file that the process opens to the file OPENS_LOG (LD_PRELOAD).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static void note(const char *path) {
  const char *log = getenv("OPENS_LOG");
  int fd = log ? syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
  if (fd < 0) return;
  size_t length = strlen(path);
  char line[8192];
  if (length > sizeof line - 2) length = sizeof line - 2;
  memcpy(line, path, length);
  line[length] = '\n';
  if (write(fd, line, length + 1) < 0) abort();
  close(fd);
}
#define MODE                                    \
  mode_t mode = 0;                              \
  if (flags & (O_CREAT | O_TMPFILE)) {          \
    va_list rest;                               \
    va_start(rest, flags);                      \
    mode = va_arg(rest, mode_t);                \
    va_end(rest);                               \
  }
#define OPEN(name)                                                    \
  int name(const char *path, int flags, ...) {                        \
    MODE note(path);                                                  \
    int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, #name);    \
    return next(path, flags, mode);                                   \
  }
#define OPENAT(name)                                                       \
  int name(int folder, const char *path, int flags, ...) {                 \
    MODE note(path);                                                       \
    int (*next)(int, const char *, int, ...) = dlsym(RTLD_NEXT, #name);    \
    return next(folder, path, flags, mode);                                \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
