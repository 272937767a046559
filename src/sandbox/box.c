/*
 * box.c - what the runs of a sandbox must be able to read
 *
 * An interpreter may be installed anywhere, such as in a home directory.  What PATH
 * names as PREFIX/bin is taken to need PREFIX, unless that is a home itself, or the
 * root.
 */
#include "sandbox/box.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

static void
add(struct lam_box *box, size_t *n, const char *path)
{
	char *real = realpath(path, NULL);

	if (real == NULL || *n == LAM_BOX_PLACES) {
		free(real);
		return;
	}
	box->place[(*n)++] = real;
	box->place[*n] = NULL;
}

/* PREFIX of "PREFIX/bin", if it is deep enough not to be a home: two names for
 * /home/NAME, one for /root. */
static void
add_prefix(struct lam_box *box, size_t *n, char *dir)
{
	char *slash = strrchr(dir, '/');
	size_t depth = 0, homes = strncmp(dir, "/home/", 6) ? 2 : 3;

	for (const char *p = dir; p < slash; p++)
		depth += *p == '/';
	if (slash != NULL && !strcmp(slash, "/bin") && depth >= homes)
		*slash = '\0';
	add(box, n, dir);
}

void
lam_box_places(struct lam_box *box, char **text, size_t n)
{
	struct lam_str path = { text[1], strlen(text[1]) }, item;
	char dir[LAM_PATH_MAX];
	size_t have = 0;

	box->dir = text[0];
	box->path = text[1];
	box->layer = text + (n - box->spec.nlayers);
	add(box, &have, box->dir);
	for (size_t i = 2; i < n; i++)
		add(box, &have, text[i]);
	while (lam_str_cut(&path, ':', &item)) {
		if (item.n == 0 || item.p[0] != '/' || item.n >= sizeof dir)
			continue;
		memcpy(dir, item.p, item.n);
		dir[item.n] = '\0';
		add_prefix(box, &have, dir);
	}
}
