/* A file system without locks (NFS without lockd, Lustre without -o flock) or without hard links (exFAT, vboxsf).
   The environment says with which error: NOLOCK=<errno> for flock(), NOLINK=<errno> for link() and linkat(). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>

extern long syscall(long, ...);

static int refused(const char *name)
{
    char *value = getenv(name);
    errno = value ? atoi(value) : 0;
    return errno;
}

int flock(int fd, int operation)
{
    return refused("NOLOCK") ? -1 : (int)syscall(SYS_flock, (long)fd, (long)operation);
}

int link(const char *from, const char *to)
{
    return refused("NOLINK") ? -1 : (int)syscall(SYS_link, from, to);
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    return refused("NOLINK") ? -1 : (int)syscall(SYS_linkat, (long)from_fd, from, (long)to_fd, to, (long)flags);
}
