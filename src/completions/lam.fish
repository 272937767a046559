# fish completion of lam and its tools: what complete says, as fish takes it

function __lam_complete
	set -l words (commandline -opc)
	set -l current (commandline -ct | string replace -r '^["\']' '')
	set -l prog (command -s $words[1])
	for helper in (dirname $prog)/../share/lam/completions/complete (dirname $prog)/../src/completions/complete
		test -x $helper; or continue
		set -l rows ($helper $words "$current" 2>/dev/null)
		switch "$rows[1]"
			case /files
				__fish_complete_path "$current"
			case /dirs
				__fish_complete_directories "$current"
			case '*'
				printf '%s\n' $rows
		end
		break
	end
end

for program in lam lam-{batch,cluster,fsck,ingest,plot,query,report,serve,speed,stat,trigger}
	complete -c $program -f -a '(__lam_complete)'
end
