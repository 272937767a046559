#!/bin/sh
# make.sh DATA INPUT - a dataset of two streams with all that a dataset has: sealed and
# active segments, served generations, speed partials, records nobody has reached
set -eu
export LAM_DATA=$1
input=$2
lam-ingest -q -s app "$input/1.csv"
lam-ingest -q -s web -f combined "$input/web.log"
mkdir -p "$LAM_DATA/views"
cp "$input"/*.sql "$LAM_DATA/views"
lam-batch | lam-serve
lam-ingest -q -s app "$input/2.csv"
lam-speed
lam-ingest -q -s app "$input/3.csv"
