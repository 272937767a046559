#!/usr/bin/env bats
# Options and modes: none is taken without effect.
load helper

@test "every option of every program, in every mode: it means something there, or is refused with status 2" {
	unset LAM_DATA
	run -0 python3 "$BATS_TEST_DIRNAME/modes.py"
	[[ $output == *" options in 25 modes" ]]
}
