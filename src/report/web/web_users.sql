-- Users that the server knew
select user,
MEASURES
where user is not null and user <> '-'
group by user
