#include "CLbud.h"

#include <errno.h>
#include <signal.h>

static pthread_t waiting;

/* pthread_kill is among what a handler may call (signal-safety(7)). */
static void hand_on(int number)
{
	int saved = errno;
	pthread_kill(waiting, number);
	errno = saved;
}

void clbud_hand_on_signal(int number)
{
	struct sigaction action = { .sa_handler = hand_on, .sa_flags = SA_RESTART };
	waiting = pthread_self();
	sigfillset(&action.sa_mask);
	sigaction(number, &action, NULL);
}
