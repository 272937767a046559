# bash completion of lam and its tools: what complete says, as bash takes it

_lam() {
	local helper prog word words=() rows=() i cut=
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in # without its quotes
		\'* | \"*) [[ $i -eq $COMP_CWORD || ${#word} -lt 2 ]] || word=${word%?}
			word=${word#?} ;;
		esac
		# --name=value are three words of bash
		if [[ ${#words[@]} -gt 0 && $word = '=' && ${words[-1]} = --* ]]; then
			words[-1]+='='
			[[ $i -lt $COMP_CWORD ]] || cut=${words[-1]}
		elif [[ ${#words[@]} -gt 0 && ${words[-1]} = --*= ]]; then
			[[ $i -lt $COMP_CWORD ]] || cut=${words[-1]}
			words[-1]+=$word
		else
			words+=("$word")
		fi
	done
	prog=$(type -P "${words[0]}") || return
	for helper in "${prog%/*}"/../{share/lam,src}/completions/complete; do
		[[ ! -x $helper ]] || break
	done
	mapfile -t rows < <("$helper" "${words[@]}" 2>/dev/null)
	word=${words[-1]#"$cut"}
	case ${rows[0]-} in
	/files | /dirs)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen "$([[ ${rows[0]} = /files ]] && echo -f || echo -d)" -- "$word") ;;
	*)
		rows=("${rows[@]%%$'\t'*}")
		COMPREPLY=("${rows[@]#"$cut"}")
		case ${COMP_WORDS[COMP_CWORD]} in
		\'* | \"*) # a statement goes on: a second candidate keeps the quote open
			compopt -o nospace
			[[ ${#COMPREPLY[@]} -ne 1 ]] || COMPREPLY+=("${COMPREPLY[0]} ") ;;
		esac ;;
	esac
}
complete -F _lam lam lam-{batch,cluster,fsck,ingest,plot,query,report,serve,speed,stat,trigger}
