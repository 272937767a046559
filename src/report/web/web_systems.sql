-- Operating systems, by the agent
select case
               when agent is null or agent = '-' then 'none given'
               when regexp_matches(agent, 'bot|crawl|spider|slurp|monitor|feed', 'i') then 'robots'
               when agent like '%Windows Phone%' then 'Windows Phone'
               when agent like '%Windows%' or agent like '%Win32%' then 'Windows'
               when agent like '%Android%' then 'Android'
               when agent like '%iPhone%' or agent like '%iPad%' or agent like '%iPod%' then 'iOS'
               when agent like '%Mac OS%' or agent like '%Macintosh%' or agent like '%Darwin%' then 'macOS'
               when agent like '%CrOS%' then 'Chrome OS'
               when regexp_matches(agent, 'BSD|DragonFly') then 'BSD'
               when agent like '%SunOS%' then 'SunOS'
               when regexp_matches(agent, 'Linux|Ubuntu|Debian|Fedora|X11', 'i') then 'Linux'
               else 'others'
       end as system,
MEASURES
group by system
