#!/usr/bin/env bash
# peers.sh - fetch what lam is measured against into build/peers
#
# Python packages go to a virtual environment there; Miller and mawk are Debian's.
set -u
cd "$(dirname "$0")/../.." || exit 1
mkdir -p build
[ -x build/peers/bin/python ] || python3 -m venv build/peers || exit 1
for p in duckdb-cli duckdb polars chdb numpy; do
	build/peers/bin/pip install -q "$p" || echo "peers: $p cannot be had here" >&2
done
for p in miller mawk sqlite3; do
	command -v "${p/miller/mlr}" >/dev/null || tests/deps.sh "" "$p" ||
		echo "peers: $p cannot be had here" >&2
done
rie=github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie
[ -x build/peers/bin/aws-lambda-rie ] || GOBIN=$PWD/build/peers/bin go install $rie@latest ||
	echo "peers: aws-lambda-rie cannot be had here" >&2
