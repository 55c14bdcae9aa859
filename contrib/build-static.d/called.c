/*
 * usage: called FUNCTIONS CALLED PROGRAM [ARGUMENT...]
 *
 * Runs a program that is not position-independent, and writes to CALLED which of its functions were called, each once, as
 * they are in FUNCTIONS: a line each that begins with the address in hexadecimal. SIGTERM is handed on to the program;
 * the exit code is the program's, and 125 where it cannot be traced.
 *
 * A breakpoint at each function's first instruction, gone when it is reached, is as good as nothing in time. Programs that
 * it starts are let go, with what is in their memory put right.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
typedef uint8_t instruction;
static const instruction breakpoint = 0xcc;
/* It stops behind the breakpoint. */
enum { behind = 1 };
#define PROGRAM_COUNTER(registers) (registers).rip
#elif defined(__aarch64__)
typedef uint32_t instruction;
static const instruction breakpoint = 0xd4200000;
enum { behind = 0 };
#define PROGRAM_COUNTER(registers) (registers).pc
#else
#error "no breakpoint is known for this processor"
#endif

struct function {
	uint64_t address;
	char *line;
	instruction first;
	int called;
};

static struct function *functions;
static size_t count;
static pid_t program;

static void fail(const char *what)
{
	fprintf(stderr, "called: error: %s: %s\n", what, strerror(errno));
	exit(125);
}

static int compare(const void *one, const void *other)
{
	const struct function *a = one, *b = other;

	return a->address < b->address ? -1 : a->address > b->address;
}

static void read_functions(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, room = 0;

	if (file == NULL)
		fail(path);
	while (getline(&line, &size, file) > 0) {
		if (count == room) {
			room = room == 0 ? 1 << 16 : 2 * room;
			functions = realloc(functions, room * sizeof *functions);
		}
		if (functions == NULL)
			fail("memory");
		functions[count++] = (struct function){ .address = strtoull(line, NULL, 16), .line = strdup(line) };
	}
	free(line);
	fclose(file);
	qsort(functions, count, sizeof *functions, compare);
}

/* The first of those that begin there. */
static struct function *function_at(uint64_t address)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (functions[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && functions[low].address == address ? functions + low : NULL;
}

static int open_memory(pid_t process)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/mem", (int)process);
	return open(path, O_RDWR | O_CLOEXEC);
}

static void set_breakpoints(void)
{
	int memory = open_memory(program);
	uint64_t last = 0;

	if (memory < 0)
		fail("the program's memory");
	for (size_t i = 0; i < count; i++) {
		struct function *function = functions + i;

		if (function->address == last)
			continue;
		last = function->address;
		if (pread(memory, &function->first, sizeof function->first, (off_t)last) != sizeof function->first ||
		    pwrite(memory, &breakpoint, sizeof breakpoint, (off_t)last) != sizeof breakpoint)
			fail(function->line);
	}
	close(memory);
}

/* Whether the thread stands at a breakpoint; it then does not any more. */
static int take_breakpoint(pid_t thread)
{
	struct user_regs_struct registers;
	struct iovec place = { &registers, sizeof registers };
	struct function *function;
	instruction now;
	int memory;

	if (ptrace(PTRACE_GETREGSET, thread, (void *)NT_PRSTATUS, &place) < 0)
		return 0;
	function = function_at(PROGRAM_COUNTER(registers) - behind);
	if (function == NULL)
		return 0;
	function->called = 1;
	/* Another thread may have been here meanwhile, or this is a child with memory of its own. */
	memory = open_memory(thread);
	if (memory < 0)
		return 0;
	if (pread(memory, &now, sizeof now, (off_t)function->address) == sizeof now && now == breakpoint)
		pwrite(memory, &function->first, sizeof function->first, (off_t)function->address);
	close(memory);
	PROGRAM_COUNTER(registers) -= behind;
	ptrace(PTRACE_SETREGSET, thread, (void *)NT_PRSTATUS, &place);
	return 1;
}

static void hand_on(int number) { kill(program, number); }

/* Returns the program's status when it has ended. */
static int follow(void)
{
	for (;;) {
		int status;
		pid_t thread = waitpid(-1, &status, __WALL);

		if (thread < 0 && errno == EINTR)
			continue;
		if (thread < 0)
			fail("wait");
		if (!WIFSTOPPED(status)) {
			if (thread == program)
				return status;
			continue;
		}
		int number = WSTOPSIG(status), event = status >> 16;

		if (event == PTRACE_EVENT_EXEC && thread != program) {
			ptrace(PTRACE_DETACH, thread, 0, 0);
			continue;
		}
		/* A new thread begins with a stop that is nobody's signal. */
		if (event != 0 || number == SIGSTOP || (number == SIGTRAP && take_breakpoint(thread)))
			number = 0;
		ptrace(PTRACE_CONT, thread, 0, (void *)(intptr_t)number);
	}
}

static void write_called(const char *path)
{
	FILE *file = fopen(path, "w");
	int called = 0;

	if (file == NULL)
		fail(path);
	for (size_t i = 0; i < count; i++) {
		/* A function may have several names, and its code that of others that are the same. */
		if (i == 0 || functions[i].address != functions[i - 1].address)
			called = functions[i].called;
		if (called)
			fputs(functions[i].line, file);
	}
	if (fclose(file) != 0)
		fail(path);
}

int main(int arguments, char **argument)
{
	int status;

	if (arguments < 4) {
		fputs("usage: called FUNCTIONS CALLED PROGRAM [ARGUMENT...]\n", stderr);
		return 125;
	}
	read_functions(argument[1]);
	program = fork();
	if (program < 0)
		fail("fork");
	if (program == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0)
			execv(argument[3], argument + 3);
		_exit(125);
	}
	if (waitpid(program, &status, 0) < 0 || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, program, 0,
		   (void *)(intptr_t)(PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
				      PTRACE_O_EXITKILL)) < 0)
		fail(argument[3]);
	set_breakpoints();
	signal(SIGTERM, hand_on);
	ptrace(PTRACE_CONT, program, 0, 0);
	status = follow();
	write_called(argument[2]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
