/*
 * Has swift-subprocess fork in a way that ThreadSanitizer knows of.
 *
 * It begins a child by clone3(2) without a memory of its own kind (_subprocess_pdfork in process_shims.c), which the
 * sanitizer does not see: whatever locks of its own other threads hold at that moment stay locked in the child, which
 * then waits for ever before it comes to execve(2). Where the kernel has no clone3, it calls fork(3), before which the
 * sanitizer takes those locks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>

static long (*library_syscall)(long, ...);

__attribute__((constructor)) static void find_library_syscall(void)
{
	library_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
}

long syscall(long number, ...)
{
	long arguments[6];
	va_list list;

	if (number == SYS_clone3) {
		errno = ENOSYS;
		return -1;
	}
	if (!library_syscall)
		find_library_syscall();
	va_start(list, number);
	for (int index = 0; index < 6; index++)
		arguments[index] = va_arg(list, long);
	va_end(list);
	return library_syscall(
		number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}
