-- Static files, such as pictures, styles and scripts
select path, method, protocol,
MEASURES
where status <> 404
  and regexp_matches(path, '\.(css|js|mjs|json|map|jpe?g|png|gif|ico|bmp|svg|webp|tiff?|pdf|txt|csv|xlsx?|docx?|pptx?|swf|flv|mp[34g]|mpe?g|avi|mov|webm|ogg|wav|exe|iso|dmg|deb|rpm|apk|gz|tgz|bz2|xz|zip|rar|7z|tar|jar|ttf|otf|eot|woff2?)(\?|$)', 'i')
group by path, method, protocol
