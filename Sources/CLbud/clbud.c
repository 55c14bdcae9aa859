#define _GNU_SOURCE
#include "CLbud.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

const int clbud_o_path = O_PATH;
const int clbud_o_noatime = O_NOATIME;
const int clbud_o_direct = O_DIRECT;
const long clbud_utime_omit = UTIME_OMIT;

int clbud_open_in_root(int directory, const char *path, int flags)
{
	struct open_how how = { .flags = (uint64_t)flags, .resolve = RESOLVE_IN_ROOT };
	long result;

	/* EAGAIN: something was renamed while a ".." was resolved; openat2(2) says to try again. */
	do
		result = syscall(SYS_openat2, directory, path, &how, sizeof how);
	while (result < 0 && (errno == EAGAIN || errno == EINTR));
	return (int)result;
}

uint32_t clbud_major(dev_t device) { return major(device); }
uint32_t clbud_minor(dev_t device) { return minor(device); }
dev_t clbud_device(uint32_t major, uint32_t minor) { return makedev(major, minor); }

int clbud_set_owner(int descriptor, uid_t owner, gid_t group)
{
	return fchownat(descriptor, "", owner, group, AT_EMPTY_PATH);
}

int clbud_open_on_mount(int directory, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH
	};
	long result;

	do
		result = syscall(SYS_openat2, directory, name, &how, sizeof how);
	while (result < 0 && (errno == EAGAIN || errno == EINTR));
	return (int)result;
}

int clbud_rename_if_free(int directory, const char *from, const char *to)
{
	return (int)syscall(SYS_renameat2, directory, from, directory, to, RENAME_NOREPLACE);
}

int clbud_rename_exchange(int directory, const char *one, const char *other)
{
	return (int)syscall(SYS_renameat2, directory, one, directory, other, RENAME_EXCHANGE);
}

int64_t clbud_directory_records(int descriptor, void *buffer, size_t size)
{
	return syscall(SYS_getdents64, descriptor, buffer, size);
}

int clbud_readable_bytes(int descriptor)
{
	int count = 0;

	return ioctl(descriptor, FIONREAD, &count) < 0 ? -1 : count;
}

int64_t clbud_file_system_type(int descriptor)
{
	struct statfs status;

	return fstatfs(descriptor, &status) < 0 ? -1 : (int64_t)status.f_type;
}

void clbud_name_thread(pthread_t thread, const char *name)
{
	pthread_setname_np(thread, name);
}

int clbud_eventfd(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int clbud_signalfd(const sigset_t *signals)
{
	return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clbud_next_signal(int descriptor)
{
	struct signalfd_siginfo info;

	return read(descriptor, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

int clbud_terminal_size(int descriptor, int *rows, int *columns)
{
	struct winsize size;

	if (ioctl(descriptor, TIOCGWINSZ, &size) < 0)
		return -1;
	*rows = size.ws_row;
	*columns = size.ws_col;
	return 0;
}

int clbud_memfd(const char *name)
{
	return memfd_create(name, MFD_CLOEXEC);
}

ssize_t clbud_copy_range(int from, int64_t offset, int to, size_t count)
{
	off64_t start = offset;

	return copy_file_range(from, &start, to, NULL, count, 0);
}

int clbud_sync_file_system(int descriptor) { return syncfs(descriptor); }

int64_t clbud_first_block(int descriptor)
{
	int block = 0;

	return ioctl(descriptor, FIBMAP, &block) < 0 ? -1 : (int64_t)(unsigned int)block;
}

int clbud_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

int clbud_limit_core(uint64_t bytes)
{
	struct rlimit limit = { .rlim_cur = bytes, .rlim_max = bytes };

	return setrlimit(RLIMIT_CORE, &limit);
}

/* Since Linux 5.2, with these numbers on every architecture; neither musl nor older C libraries have them. */
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig 431
#endif
#ifndef SYS_fsmount
#define SYS_fsmount 432
#endif

int clbud_mount_nowhere(const char *type, const char *device, const char *flag)
{
	/* linux/mount.h, which does not go together with sys/mount.h everywhere. */
	const unsigned int close_on_exec = 1, set_flag = 0, set_string = 1, create = 6;
	const unsigned int read_only_without_suid_devices_programs_and_times = 0x1 | 0x2 | 0x4 | 0x8 | 0x10;
	int context = (int)syscall(SYS_fsopen, type, close_on_exec);
	int mount = -1, error;

	if (context < 0)
		return -1;
	if (syscall(SYS_fsconfig, context, set_string, "source", device, 0) == 0 &&
	    syscall(SYS_fsconfig, context, set_flag, "ro", NULL, 0) == 0 &&
	    (flag == NULL || syscall(SYS_fsconfig, context, set_flag, flag, NULL, 0) == 0) &&
	    syscall(SYS_fsconfig, context, create, NULL, NULL, 0) == 0)
		mount = (int)syscall(
		    SYS_fsmount, context, close_on_exec, read_only_without_suid_devices_programs_and_times);
	error = errno;
	close(context);
	errno = error;
	return mount;
}
