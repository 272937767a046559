-- What was searched for, where a search engine tells
select replace(regexp_extract(referer, '[?&#](q|p|query|text|wd)=([^&#]+)', 2), '+', ' ') as keyphrase,
MEASURES
where regexp_matches(referer, '^https?://[^/]*(google|bing|yahoo|duckduckgo|yandex|baidu|ecosia)\.[^/]*/[^?#]*[?#]([^#]*[&?])?(q|p|query|text|wd)=[^&#]')
group by keyphrase
