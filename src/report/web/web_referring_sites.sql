-- Sites that led here
select regexp_extract(referer, '^[a-z]+://([^/?#]+)', 1) as site,
MEASURES
where regexp_matches(referer, '^[a-z]+://[^/?#]+')
group by site
