select status, count(*) as hits, sum(bytes) as bytes from web group by status
