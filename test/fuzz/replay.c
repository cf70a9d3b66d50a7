// SPDX-License-Identifier: Apache-2.0
// Runs a fuzzer's entry function over every file of the folders given as arguments: the corpus as
// an ordinary test.
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	if (!file || fstat(fileno(file), &st) < 0) {
		perror(path);
		exit(1);
	}
	// A heap block of exactly the file's size, so that AddressSanitizer sees one byte too far.
	uint8_t *data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	size_t len = data ? fread(data, 1, (size_t)st.st_size, file) : 0;
	fclose(file);
	LLVMFuzzerTestOneInput(data, len);
	free(data);
	return 1;
}

static int
replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[PATH_MAX];
	int count = 0;

	if (!dir) {
		perror(path);
		exit(1);
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		count += replay_file(name);
	}
	closedir(dir);
	return count;
}

int
main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++)
		count += replay_folder(argv[i]);
	if (count == 0) {
		printf("1..1\nnot ok 1 - the corpus is empty\n");
		return 1;
	}
	printf("1..1\nok 1 - %d inputs replayed\n", count);
	return 0;
}
