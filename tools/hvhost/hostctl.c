// SPDX-License-Identifier: GPL-2.0
/*
 * hostctl, the host's side: the window, the doorbell, the table of commands.
 *
 * The doorbell's write stays in the vCPU's thread until the reply is there.
 * Commands run in the I/O thread. Output is written by the vCPU's own thread:
 * a pipe that nobody reads stops that guest's CPU, not the devices.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hang.h"
#include "hostctl.h"
#include "loop.h"
#include "msg.h"
#include "pio.h"
#include "vm.h"

#define MAX_WORDS	64

struct command {
	struct command *next;
	char *name;
	const char *help;
	hostctl_fn fn;
	void *ctx;
};

/* A request in private memory, and its reply. */
struct request {
	char *text;		/* @len bytes and a zero */
	uint32_t len;
	uint32_t status;
	char *reply;
	size_t reply_len;
};

static struct command *commands;	/* I/O thread only, after set-up */
static char *window;
static int output_fd = STDOUT_FILENO;

/* One request at a time, whatever the guest does: protects the window's use. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct command **find(const char *name)
{
	struct command **at;

	for (at = &commands; *at; at = &(*at)->next)
		if (!strcmp((*at)->name, name))
			break;
	return at;
}

int hostctl_register(const char *name, const char *help, hostctl_fn fn,
		     void *ctx)
{
	struct command **at = find(name);
	struct command *cmd;

	if (*at)
		return -EEXIST;
	cmd = calloc(1, sizeof(*cmd));
	if (!cmd)
		return -ENOMEM;
	cmd->name = strdup(name);
	if (!cmd->name) {
		free(cmd);
		return -ENOMEM;
	}
	cmd->help = help;
	cmd->fn = fn;
	cmd->ctx = ctx;
	*at = cmd;
	return 0;
}

void hostctl_unregister(const char *name)
{
	struct command **at = find(name);
	struct command *cmd = *at;

	if (!cmd)
		return;
	*at = cmd->next;
	free(cmd->name);
	free(cmd);
}

void hostctl_help(FILE *out)
{
	for (const struct command *cmd = commands; cmd; cmd = cmd->next)
		fprintf(out, "%s\n", cmd->help);
}

/* Splits at the zero bytes; the request has one behind its last byte. */
static int split_words(const struct request *req, char **argv)
{
	uint32_t at = 0;
	int argc = 0;

	while (at < req->len) {
		if (argc == MAX_WORDS)
			return -1;
		argv[argc++] = req->text + at;
		at += (uint32_t)strlen(req->text + at) + 1;
	}
	return argc;
}

static int dispatch(struct request *req, FILE *out)
{
	char *argv[MAX_WORDS];
	int argc = split_words(req, argv);
	struct command *cmd;

	if (argc <= 0) {
		fprintf(out, "%s\n", argc ? "too many words" : "no command");
		return HOSTCTL_UNKNOWN;
	}
	cmd = *find(argv[0]);
	if (!cmd) {
		fprintf(out, "%s: no such command, try: hostctl help\n", argv[0]);
		return HOSTCTL_UNKNOWN;
	}
	return cmd->fn(cmd->ctx, argc, argv, out);
}

static void run_command(void *ctx)
{
	struct request *req = ctx;
	FILE *out = open_memstream(&req->reply, &req->reply_len);

	if (!out)
		return;	/* the status says "refused" already */
	req->status = (uint32_t)dispatch(req, out);
	fclose(out);
}

static uint32_t write_output(const char *data, uint32_t len)
{
	uint32_t done = 0;

	hang_word();
	while (done < len) {
		ssize_t n = write(output_fd, data + done, len - done);

		if (n > 0)
			done += (uint32_t)n;
		else if (n == 0 || errno != EINTR)
			return HOSTCTL_REFUSED;
	}
	return HOSTCTL_OK;
}

/* The guest may change the window meanwhile: copy, then check the copy. */
static void serve_request(void)
{
	struct hostctl_header *h = (struct hostctl_header *)window;
	volatile struct hostctl_header *shared = h;
	struct request req = { .status = HOSTCTL_REFUSED };
	uint32_t op = shared->op;

	req.len = shared->request_len;
	if (req.len <= HOSTCTL_REQUEST_MAX)
		req.text = malloc(req.len + 1);
	if (req.text) {
		memcpy(req.text, window + HOSTCTL_REQUEST_OFF, req.len);
		req.text[req.len] = '\0';
		if (op == HOSTCTL_OP_COMMAND)
			loop_call(run_command, &req);
		else if (op == HOSTCTL_OP_OUTPUT)
			req.status = write_output(req.text, req.len);
		else
			req.status = HOSTCTL_UNKNOWN;
	}
	if (req.reply_len > HOSTCTL_REPLY_MAX)
		req.reply_len = HOSTCTL_REPLY_MAX;
	if (req.reply_len)
		memcpy(window + HOSTCTL_REPLY_OFF, req.reply, req.reply_len);
	shared->reply_len = (uint32_t)req.reply_len;
	shared->status = req.status;
	free(req.text);
	free(req.reply);
}

static void doorbell(uint16_t off, uint8_t size, uint32_t value)
{
	(void)off;
	if (size != 4 || value != HOSTCTL_ABI)
		return;
	pthread_mutex_lock(&lock);
	serve_request();
	pthread_mutex_unlock(&lock);
}

static uint32_t doorbell_in(uint16_t off, uint8_t size)
{
	(void)off;
	(void)size;
	return HOSTCTL_ABI;
}

static void open_output(const char *output)
{
	if (!strcmp(output, "-"))
		return;
	output_fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (output_fd < 0)
		fatal(STATUS_FAILED,
		      "--output %s: %s, name a file that can be written",
		      output, strerror(errno));
}

void hostctl_init(const char *output)
{
	static const struct pio_device dev = {
		HOSTCTL_PORT, 4, "hostctl", doorbell_in, doorbell,
	};
	struct hostctl_header *h;

	open_output(output);
	window = mmap(NULL, HOSTCTL_WINDOW_LEN, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (window == MAP_FAILED)
		fatal(STATUS_FAILED, "hostctl window: %s", strerror(errno));
	h = (struct hostctl_header *)window;
	h->magic = HOSTCTL_MAGIC;
	h->abi = HOSTCTL_ABI;
	vm_add_window(HOSTCTL_WINDOW_GPA, window, HOSTCTL_WINDOW_LEN);
	pio_register(&dev);
	hostctl_add_builtins();
}
