/*
 * replay.c - feed kept inputs to a fuzz target without a fuzzer
 *
 *	fuzz_x DIR...	every file in each directory, in the order of names
 *
 * Linked with one fuzz_*.c by the plain build, so that the targets cannot rot and
 * every input that ever mattered is run by "make check".
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(1 << 24); /* exactly sized below: ASan sees overruns */
	size_t n = 0;

	if (!f || !p) {
		perror(path);
		return 1;
	}
	n = fread(p, 1, 1 << 24, f);
	fclose(f);
	p = realloc(p, n ? n : 1);
	LLVMFuzzerTestOneInput(p, n);
	free(p);
	return 0;
}

int
main(int argc, char **argv)
{
	int count = 0, failed = 0;

	for (int i = 1; i < argc; i++) {
		struct dirent **list;
		int n = scandir(argv[i], &list, NULL, alphasort);
		char path[4096];

		if (n < 0) {
			perror(argv[i]);
			return 1;
		}
		for (int k = 0; k < n; k++) {
			if (list[k]->d_name[0] != '.') {
				snprintf(path, sizeof path, "%s/%s", argv[i],
					list[k]->d_name);
				failed |= replay(path);
				count++;
			}
			free(list[k]);
		}
		free(list);
	}
	printf("%d inputs replayed\n", count);
	return failed || count == 0;
}
