/*
 * server_listen.c - sockets that only this machine can reach
 */
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define KIND (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

int
lam_http_listen(uint16_t *port, int *fd, struct lam_error *e)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;
	int on = 1;

	a.sin_port = htons(*port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, KIND, 0);
	if (*fd >= 0)
		setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (*fd < 0 || bind(*fd, (struct sockaddr *)&a, sizeof a) < 0 ||
		listen(*fd, SOMAXCONN) < 0 ||
		getsockname(*fd, (struct sockaddr *)&a, &n) < 0) {
		lam_fail_sys(e, "127.0.0.1:%u: listening", (unsigned)*port);
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return LAM_SYSTEM;
	}
	*port = ntohs(a.sin_port);
	return LAM_OK;
}

/* A socket that nobody listens on is what a killed program left. */
static void
remove_dead(const struct sockaddr_un *a)
{
	struct stat st;
	int fd;

	if (stat(a->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, KIND, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)a, sizeof *a) < 0 &&
		errno == ECONNREFUSED)
		unlink(a->sun_path);
	close(fd);
}

int
lam_http_listen_unix(const char *path, int *fd, struct lam_error *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof a.sun_path)
		return lam_fail(e, LAM_USAGE, "%s: a socket's path has at most "
			"%zu bytes", path, sizeof a.sun_path - 1);
	memcpy(a.sun_path, path, strlen(path));
	remove_dead(&a);
	*fd = socket(AF_UNIX, KIND, 0);
	if (*fd >= 0 && bind(*fd, (struct sockaddr *)&a, sizeof a) == 0 &&
		listen(*fd, SOMAXCONN) == 0)
		return LAM_OK;
	lam_fail_sys(e, "%s: listening", path);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return LAM_SYSTEM;
}
