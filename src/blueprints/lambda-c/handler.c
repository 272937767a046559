/* handler.c - what the function does: EVENT[N] is JSON, and so is what it answers */
#include <stdio.h>
#include <string.h>

/* The answer goes to OUT, of SIZE bytes; NULL, or what went wrong. */
const char *handler(const char *event, size_t n, char *out, size_t size);

const char *
handler(const char *event, size_t n, char *out, size_t size)
{
	static const char key[] = "\"name\":\"";
	const char *name = memmem(event, n, key, sizeof key - 1);
	const char *end = NULL;

	if (name) {
		name += sizeof key - 1;
		end = memchr(name, '"', (size_t)(event + n - name));
	}
	if (!end)
		end = (name = "world") + 5;
	if ((size_t)snprintf(out, size, "{\"message\": \"Hello, %.*s\"}",
		(int)(end - name), name) >= size)
		return "the answer is too long";
	return NULL;
}
