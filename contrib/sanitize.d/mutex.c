/*
 * Tells ThreadSanitizer of the Mutex of Swift's Synchronization what it cannot see.
 *
 * Where nobody waits, a Mutex is locked and unlocked by an atomic operation that the compiler puts into the program, with
 * the instrumentation. Where somebody does, that is done by these functions of libswiftSynchronization
 * (stdlib/public/Synchronization/Mutex/LinuxImpl.swift), which has none: they spin, or hand the
 * lock over in the kernel (FUTEX_LOCK_PI). Then what one thread did with the lock held would look like a race with what
 * the next one does. These stand before the library's, since the program is linked with them, and call those.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

typedef SWIFT void lock_function(uint32_t thread, SELF mutex);
typedef SWIFT _Bool try_lock_function(SELF mutex);
typedef SWIFT void unlock_function(SELF mutex);

lock_function lock_slow __asm__(LOCK);
try_lock_function try_lock_slow __asm__(TRY_LOCK);
unlock_function unlock_slow __asm__(UNLOCK);

/* Another name in a newer Swift must not go unnoticed. */
static void *in_library(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

SWIFT void lock_slow(uint32_t thread, SELF mutex)
{
	((lock_function *)in_library(LOCK))(thread, mutex);
	__tsan_acquire(mutex);
}

SWIFT _Bool try_lock_slow(SELF mutex)
{
	_Bool is_locked = ((try_lock_function *)in_library(TRY_LOCK))(mutex);

	if (is_locked)
		__tsan_acquire(mutex);
	return is_locked;
}

SWIFT void unlock_slow(SELF mutex)
{
	__tsan_release(mutex);
	((unlock_function *)in_library(UNLOCK))(mutex);
}
