/*
 * seccomp.c - a filter in classic BPF
 *
 * It is made by hand: a list of calls, each a compare and a jump, is all there is
 * to it, and a library that assembles it would be larger than the list, one more
 * dependency of the only program that needs it.
 *
 *	architecture not this one		-> kill
 *	number of another ABI (x32)		-> EPERM
 *	one of the refused			-> EPERM
 *	clone with a namespace flag		-> EPERM
 *	clone3, whose flags no filter can see	-> ENOSYS: libraries then clone
 *	socket of a family but unix, inet(6), netlink -> EPERM
 *	with TCP_ONLY, inet(6) and not TCP	-> EPERM
 *	everything else				-> allowed
 */
#include "sandbox/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#else
#define ARCH 0 /* argument words lie otherwise, or nobody has tried */
#endif

static const uint16_t refused[] = {
	/* Other processes. */
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,
	SYS_pidfd_getfd, SYS_process_madvise,
	/* What is mounted, what a process sees. */
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_move_mount,
	SYS_open_tree, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
	SYS_mount_setattr, SYS_unshare, SYS_setns, SYS_swapon, SYS_swapoff,
	SYS_quotactl, SYS_acct, SYS_name_to_handle_at, SYS_open_by_handle_at,
	/* The machine. */
	SYS_reboot, SYS_personality, SYS_vhangup, SYS_sethostname,
	SYS_setdomainname, SYS_settimeofday,
	SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_syslog,
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
	SYS_iopl, SYS_ioperm,
#endif
	/* Large interfaces of the kernel with a long record of faults. */
	SYS_bpf, SYS_userfaultfd, SYS_perf_event_open, SYS_io_uring_setup,
	SYS_keyctl, SYS_add_key, SYS_request_key,
};

#define REFUSED (sizeof refused / sizeof *refused)
#define NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define X32 0x40000000u
#define FIELD(name) ((uint32_t)offsetof(struct seccomp_data, name))
#define ARGUMENT(i) (FIELD(args) + 8 * (i)) /* its low half: little endian */
#define KIND 0xf /* of a socket's type, less its flags */

struct program {
	struct sock_filter code[REFUSED * 2 + 40];
	unsigned short n;
};

static void
put(struct program *p, int op, uint32_t k, int yes, int no)
{
	p->code[p->n++] = (struct sock_filter){ (uint16_t)op, (uint8_t)yes,
		(uint8_t)no, k };
}

static void
load(struct program *p, uint32_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void
give(struct program *p, uint32_t what)
{
	put(p, BPF_RET | BPF_K, what, 0, 0);
}

#define ERRNO(n) (SECCOMP_RET_ERRNO | (uint32_t)(n))
#define IS (BPF_JMP | BPF_JEQ | BPF_K)

/* Of a call of socket(2): by family; then by type and protocol. */
static void
put_socket(struct program *p, bool tcp_only)
{
	load(p, ARGUMENT(0));
	put(p, IS, AF_UNIX, 3, 0);
	put(p, IS, AF_NETLINK, 2, 0);
	put(p, IS, AF_INET, 2, 0);
	put(p, IS, AF_INET6, 1, 2);
	give(p, SECCOMP_RET_ALLOW);
	put(p, BPF_JMP | BPF_JA, 1, 0, 0);
	give(p, ERRNO(EPERM));
	if (tcp_only) {
		load(p, ARGUMENT(1));
		put(p, BPF_ALU | BPF_AND | BPF_K, KIND, 0, 0);
		put(p, IS, SOCK_STREAM, 1, 0);
		give(p, ERRNO(EPERM));
		load(p, ARGUMENT(2));
		put(p, IS, 0, 2, 0);
		put(p, IS, IPPROTO_TCP, 1, 0);
		give(p, ERRNO(EPERM));
	}
	give(p, SECCOMP_RET_ALLOW);
}

bool
lam_seccomp_there(void)
{
	return ARCH != 0 && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

int
lam_seccomp_restrict(bool tcp_only, struct lam_error *e)
{
	struct program p = { .n = 0 };
	struct sock_fprog prog;

	load(&p, FIELD(arch));
	put(&p, IS, ARCH, 1, 0);
	give(&p, SECCOMP_RET_KILL_PROCESS);
	load(&p, FIELD(nr));
	put(&p, BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
	give(&p, ERRNO(EPERM));
	for (size_t i = 0; i < REFUSED; i++) {
		put(&p, IS, refused[i], 0, 1);
		give(&p, ERRNO(EPERM));
	}
	put(&p, IS, SYS_clone3, 0, 1);
	give(&p, ERRNO(ENOSYS));
	put(&p, IS, SYS_clone, 0, 4);
	load(&p, ARGUMENT(0));
	put(&p, BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1);
	give(&p, ERRNO(EPERM));
	give(&p, SECCOMP_RET_ALLOW);
	put(&p, IS, SYS_socket, 1, 0);
	give(&p, SECCOMP_RET_ALLOW);
	put_socket(&p, tcp_only);
	prog.len = p.n;
	prog.filter = p.code;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) < 0 ?
		lam_fail_sys(e, "seccomp") : LAM_OK;
}
