// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzz target without a fuzzer: runs it once on each file of the folder named
 * on the command line, and reports one test in TAP. A finding ends the program,
 * the file's name is what it said last.
 *
 * Break it: see the heads of the targets; or take a file that a target refuses.
 */
#include <dirent.h>
#include <string.h>

#include "fuzz.h"

#define FILE_MAX	(1u << 20)

static void try_file(const char *path)
{
	u8 *data = malloc(FILE_MAX), *exact;
	FILE *file = fopen(path, "rb");
	size_t len;

	printf("# %s\n", path);
	fflush(stdout);
	require(data && file, "a file of the corpus can be read");
	len = fread(data, 1, FILE_MAX, file);
	fclose(file);
	/* a byte read behind it is seen */
	exact = malloc(len + !len);
	require(exact, "memory");
	memcpy(exact, data, len);
	free(data);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

int main(int argc, char **argv)
{
	struct dirent **names;
	char path[4096];
	int count, i, tried = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: %s FOLDER NAME\n", argv[0]);
		return 2;
	}
	printf("1..1\n");
	count = scandir(argv[1], &names, NULL, alphasort);
	for (i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", argv[1],
				 names[i]->d_name);
			try_file(path);
			tried++;
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	/* an empty folder tests nothing */
	printf("%s 1 - %s\n", tried ? "ok" : "not ok", argv[2]);
	return !tried;
}
