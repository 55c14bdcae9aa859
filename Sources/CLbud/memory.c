#include "CLbud.h"

/* Before all that depends on it: it says which C library this is. */
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

/*
 * A box in diskless mode has its files in memory, so what lbud has used for a while goes back to the kernel. As it comes,
 * glibc has a heap for each thread, and learns from a large piece that is given back not to ask the kernel for the next
 * one, nor to return it (mallopt(3), M_MMAP_THRESHOLD): megabytes would stay that a client has sent once.
 */
__attribute__((constructor(102))) static void keep_little(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_TRIM_THRESHOLD, 128 * 1024);
}

/* What is free at the heap's end goes back by itself, what is free between pieces that are used only if asked for. */
void clbud_trim_memory(void) { malloc_trim(0); }
#else
void clbud_trim_memory(void) {}
#endif
