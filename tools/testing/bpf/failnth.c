// SPDX-License-Identifier: GPL-2.0
/*
 * Run a command whose Nth allocation fails, as the kernel's fault injection has been
 * told which count: /proc/self/fail-nth belongs to one task, so it is set where the
 * command begins, and read before anybody has asked how the command ended.
 */
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "args.h"

static const char usage[] =
	"usage: failnth N COMMAND [ARGUMENT...]\n"
	"Run COMMAND with its Nth allocation failing, of those that fault injection counts.\n"
	"Prints how many are left to N: 0 if one has failed. Exit status: the command's;\n"
	"125 when it was not run, 126 when it could not be, 128 and more: killed.\n"
	"example: failnth 3 ethtool -L eth0 combined 2\n";

#define FAIL_NTH	"/proc/%s/fail-nth"

/* Return: 0, or -1 with errno */
static int set_nth(const char *nth)
{
	char path[32];
	ssize_t len = (ssize_t)strlen(nth);
	int fd, ret;

	snprintf(path, sizeof(path), FAIL_NTH, "self");
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	ret = write(fd, nth, (size_t)len) == len ? 0 : -1;
	close(fd);
	return ret;
}

/* Of a task that has ended, and is still there. Return: 0, or -1 with errno */
static int show_left(pid_t child)
{
	char path[32], pid[16], left[16];
	ssize_t len;
	int fd;

	snprintf(pid, sizeof(pid), "%d", (int)child);
	snprintf(path, sizeof(path), FAIL_NTH, pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	len = read(fd, left, sizeof(left));
	close(fd);
	if (len <= 0)
		return -1;
	printf("%.*s", (int)len, left);
	return 0;
}

static int failed(const char *what)
{
	fprintf(stderr, "failnth: %s: %s\n", what, strerror(errno));
	return 125;
}

int main(int argc, char **argv)
{
	siginfo_t info;
	int status;
	pid_t child;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc < 3) {
		fputs(usage, stderr);
		return 2;
	}
	number(argv[1], 1000000);
	child = fork();
	if (child < 0)
		return failed("fork");
	if (!child) {
		if (set_nth(argv[1]))
			_exit(failed("fail-nth: is fault injection in the kernel?"));
		execvp(argv[2], argv + 2);
		_exit(126);
	}
	if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) || show_left(child))
		return failed("what is left to N");
	if (waitpid(child, &status, 0) != child)
		return failed("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
