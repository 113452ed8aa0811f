/* Moves the wall clock of a process by MOVED_CLOCK seconds; what counts from the start of the machine stays as it is, and
   waits until a time of the wall clock wait as long as they would have. Preloaded by tests that live on other days. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long moved(void) {
    const char *given = getenv("MOVED_CLOCK");
    return given ? atol(given) : 0;
}

static int is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

static struct timespec real_of(const struct timespec *at) {
    struct timespec real = *at;
    if (real.tv_sec > 1000000000) real.tv_sec -= moved(); /* no machine has run that long */
    return real;
}

static void *next_of(const char *name) { return dlsym(RTLD_NEXT, name); }

int clock_gettime(clockid_t clock, struct timespec *at) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = next_of("clock_gettime");
    int found = next(clock, at);
    if (!found && is_wall(clock)) at->tv_sec += moved();
    return found;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict at) {
    static int (*next)(sem_t *, const struct timespec *);
    if (!next) next = next_of("sem_timedwait");
    struct timespec real = real_of(at);
    return next(semaphore, &real);
}

int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict at) {
    static int (*next)(sem_t *, clockid_t, const struct timespec *);
    if (!next) next = next_of("sem_clockwait");
    struct timespec real = real_of(at);
    return next(semaphore, clock, &real);
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict lock,
                           const struct timespec *restrict at) {
    static int (*next)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!next) next = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!next) next = next_of("pthread_cond_timedwait");
    struct timespec real = real_of(at);
    return next(cond, lock, &real);
}

int pthread_cond_clockwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict lock, clockid_t clock,
                           const struct timespec *restrict at) {
    static int (*next)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
    if (!next) next = next_of("pthread_cond_clockwait");
    struct timespec real = real_of(at);
    return next(cond, lock, clock, &real);
}

long syscall(long number, ...) {
    static long (*next)(long, ...);
    if (!next) next = next_of("syscall");
    va_list given;
    va_start(given, number);
    long a = va_arg(given, long), b = va_arg(given, long), c = va_arg(given, long);
    long d = va_arg(given, long), e = va_arg(given, long), f = va_arg(given, long);
    va_end(given);
    if (number == SYS_futex && d && (b & FUTEX_CLOCK_REALTIME)) {
        struct timespec real = real_of((const struct timespec *)d);
        return next(number, a, b, c, (long)&real, e, f);
    }
    return next(number, a, b, c, d, e, f);
}
