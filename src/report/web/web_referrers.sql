-- Pages that led here
select coalesce(referer, '-') as referer,
MEASURES
group by 1
