-- Browsers, by the agent
select case
               when agent is null or agent = '-' then 'none given'
               when regexp_matches(agent, 'feed|rss|reader', 'i') then 'feed readers'
               when regexp_matches(agent, 'bot|crawl|spider|slurp|monitor', 'i') then 'robots'
               when regexp_matches(agent, 'OPR/|Opera') then 'Opera'
               when regexp_matches(agent, 'Edge?(A|iOS)?/') then 'Edge'
               when regexp_matches(agent, 'MSIE|Trident') then 'Internet Explorer'
               when agent like '%Firefox/%' or agent like '%FxiOS%' then 'Firefox'
               when agent like '%Chrome/%' or agent like '%CriOS%' then 'Chrome'
               when agent like '%Safari/%' then 'Safari'
               when regexp_matches(agent, 'curl|wget|python|java|go-http|libwww|perl|ruby|okhttp|php', 'i') then 'programs'
               when agent like 'Mozilla/%' then 'other Mozilla'
               else 'others'
       end as browser,
MEASURES
group by browser
