#include "CLbud.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int argument_count;
static char **argument_values;

/*
 * Swift's runtime looks into /proc for two things before main: where the program lies, and gives up if it cannot tell
 * (stdlib/public/runtime/Paths.cpp), and its arguments, of which there then are none. Early in a boot, or in a chroot,
 * there is no /proc. SWIFT_ROOT spares it the first; it is asked only for the program that prints backtraces, which a
 * static binary does not bring. The second glibc hands to constructors. This one runs before those of the runtime.
 */
__attribute__((constructor(101))) static void start(int count, char **values)
{
	argument_count = count;
	argument_values = values;
	if (access("/proc/self/exe", F_OK) != 0)
		setenv("SWIFT_ROOT", "/", 0);
}

int clbud_argument_count(void) { return argument_count; }

const char *clbud_argument(int index) { return argument_values[index]; }

void clbud_erase_argument(int index)
{
	memset(argument_values[index], 0, strlen(argument_values[index]));
}
