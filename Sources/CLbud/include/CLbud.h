/* What Swift's Glibc module does not reach: a system call without a wrapper, and macros. No logic. */
#ifndef CLBUD_H
#define CLBUD_H

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/xattr.h>

/* Flags of open(2) that need _GNU_SOURCE. */
extern const int clbud_o_path;
extern const int clbud_o_noatime;
extern const int clbud_o_direct;
/* utimensat(2): leave this time as it is. */
extern const long clbud_utime_omit;

/* openat2(2) with RESOLVE_IN_ROOT: the path cannot lead out of the directory. -1 and errno on error. */
int clbud_open_in_root(int directory, const char *path, int flags);

/* The two halves of a device number, makedev(3), and both together. */
uint32_t clbud_major(dev_t device);
uint32_t clbud_minor(dev_t device);
dev_t clbud_device(uint32_t major, uint32_t minor);

/* fchownat(2) of what is open, with O_PATH too. -1 and errno on error. */
int clbud_set_owner(int descriptor, uid_t owner, gid_t group);

/* openat2(2) with O_PATH, following no symlink and entering no mount: EXDEV where one is there. -1 and errno on error. */
int clbud_open_on_mount(int directory, const char *name);

/* renameat2(2) within one directory: where something has the name, EEXIST. -1 and errno on error. */
int clbud_rename_if_free(int directory, const char *from, const char *to);
/* The same with RENAME_EXCHANGE: both must be there, and each gets the other's name. */
int clbud_rename_exchange(int directory, const char *one, const char *other);

/* fstatfs(2): the file system's magic number, linux/magic.h. -1 and errno on error. */
int64_t clbud_file_system_type(int descriptor);

/* copy_file_range(2), from an offset to where the other descriptor is. -1 and errno on error. */
ssize_t clbud_copy_range(int from, int64_t offset, int to, size_t count);

/* syncfs(2). -1 and errno on error. */
int clbud_sync_file_system(int descriptor);

/* ioctl(2) FIBMAP: where on the device the file begins, 0 for an empty one. -1 and errno on error; needs CAP_SYS_RAWIO. */
int64_t clbud_first_block(int descriptor);

/* getdents64(2), which Swift's modules of the C libraries do not reach: records of linux_dirent64, 0 at the end. -1 and errno
 * on error. */
int64_t clbud_directory_records(int descriptor, void *buffer, size_t size);

/* ioctl(2) FIONREAD: bytes that a read would return now. -1 and errno on error. */
int clbud_readable_bytes(int descriptor);

/* pthread_setname_np(3); a name that is too long is not set. */
void clbud_name_thread(pthread_t thread, const char *name);

/* The program's arguments, its name the first of them, also where there is no /proc to read them from. */
int clbud_argument_count(void);
const char *clbud_argument(int index);
/* Overwrites one of them, in /proc/PID/cmdline too. */
void clbud_erase_argument(int index);

/* eventfd(2), close-on-exec and not blocking. -1 and errno on error. */
int clbud_eventfd(void);

/*
 * Has whatever thread a signal is delivered to hand it on to the calling one, which is to block it and wait for it. That
 * cannot fail for a signal that can be caught (sigaction(2)).
 */
void clbud_hand_on_signal(int number);

/* signalfd(2), close-on-exec and not blocking. -1 and errno on error. */
int clbud_signalfd(const sigset_t *signals);

/* Reads a signal's number from it: 0 where none has come. */
int clbud_next_signal(int descriptor);

/* ioctl(2) TIOCGWINSZ. -1 and errno on error; both numbers may be 0. */
int clbud_terminal_size(int descriptor, int *rows, int *columns);

/* memfd_create(2), close-on-exec; the name is for /proc alone. -1 and errno on error. */
int clbud_memfd(const char *name);

/* malloc_trim(3), where the C library has it. */
void clbud_trim_memory(void);

/* prctl(2) PR_SET_DUMPABLE, whose function takes any number of arguments. -1 and errno on error. */
int clbud_set_dumpable(int dumpable);

/* setrlimit(2) RLIMIT_CORE, both limits. -1 and errno on error. */
int clbud_limit_core(uint64_t bytes);

/* fsopen(2), fsconfig(2), fsmount(2): mounts a device read-only at no place at all, with one more flag of its file system or
 * NULL. Nobody else sees it, and it is gone when the descriptor is closed, however that comes. -1 and errno on error. */
int clbud_mount_nowhere(const char *type, const char *device, const char *flag);

#endif
