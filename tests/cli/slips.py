"""Slips that people make in their files: name -> (file, what it holds, how its error begins)."""

MONITOR = "channels:\n  screen: {url: 'console://'}\n"
FEEDS = "feeds:\n  - {url: 'https://a.example/rss', name: أ}\n"
RULES = "rules:\n  - {name: أ, any: [داعش]}\n"
SOUND = {"monitor.yaml": MONITOR, "feeds.yaml": FEEDS, "rules.yaml": RULES}

BROKEN = {
    "a key that is indented too little": (
        "rules.yaml", "rules:\n  - name: أ\n   any: [داعش]\n", "3:4: expected '- ' here",
    ),
    "a key that is indented too much": (
        "rules.yaml", "rules:\n  - name: أ\n      any: [داعش]\n",
        "3:7: stands too deep: the line above begins in column 5",
    ),
    "an item that is indented too much": (
        "rules.yaml", "rules:\n- name: أ\n  any:\n  - داعش\n   - غارة\n",
        "5:4: '- ' inside the value above: check the indentation",
    ),
    "a tab": ("rules.yaml", "rules:\n  - name: أ\n\tany: [داعش]\n", "3:1: a tab cannot indent"),
    "an Arabic comma in a list": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش، غارة]}\n",
        "2:25: any[0]: an Arabic comma (،) stands inside one item (items are separated",
    ),
    "words without a list": (
        "rules.yaml", "rules:\n  - {name: أ, any: داعش، غارة}\n",
        "2:20: any: must be a list, write [داعش, غارة]",
    ),
    "a key twice": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], any: [غارة]}\n",
        "2:28: any: repeated key",
    ),
    "a name twice": (
        "rules.yaml", RULES + "  - {name: أ, any: [غارة]}\n",
        "3:12: name: repeated name 'أ', first at line 2",
    ),
    "a feed twice": (
        "feeds.yaml", FEEDS + "  - {url: 'HTTPS://a.example:443/rss#x'}\n",
        "3:11: url: repeated address, first at line 2",
    ),
    "a place that nobody knows": (
        "rules.yaml", "rules:\n  - {name: أ, places: [مخمر]}\n",
        "2:24: places[0]: no place is called مخمر (did you mean مخمور?)",
    ),
    "a channel that is not there": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], channels: [scren]}\n",
        "2:39: channels[0]: no channel is named 'scren' (did you mean 'screen'?)",
    ),
    "a time zone": (
        "monitor.yaml", MONITOR + "timezone: Asia/Bagdad\n",
        "3:11: timezone: no time zone is named 'Asia/Bagdad' (did you mean 'Asia/Baghdad'?)",
    ),
    "a scheme": (
        "monitor.yaml", "channels:\n  chat: {url: 'tgrm://123:hunter2/1'}\n",
        "2:15: channels.chat.url: unknown scheme tgrm:// (did you mean tgram://?)",
    ),
    "a severity": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], severity: hihg}\n",
        "2:38: severity: must be one of low, normal, high, critical, not 'hihg' (did you",
    ),
    "a duration without its unit": (
        "monitor.yaml", MONITOR + "polling: {interval: 15}\n",
        "3:21: polling.interval: must be a duration with its unit, not 15 (write 15s, 15m",
    ),
    "a size": (
        "monitor.yaml", MONITOR + "polling: {max_bytes: 10 megabytes}\n",
        "3:22: polling.max_bytes: must be a size such as 500kB or 10MB, not '10 megabytes'",
    ),
    "a time of day": (
        "monitor.yaml", MONITOR + "heartbeat: daily 25:00\n",
        "3:12: heartbeat: must be such as daily 08:00, not 'daily 25:00'",
    ),
    "a regular expression": (
        "rules.yaml", "rules:\n  - {name: أ, query: 'غارة /[a/'}\n",
        "2:29: query: no regular expression: a ] is missing behind [a",
    ),
    "a query": (
        "rules.yaml", "rules:\n  - {name: أ, query: 'غارة titel:قصف'}\n",
        "2:28: query: no field is called titel (did you mean title:?)",
    ),
    "a word where true or false is due": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', enabled: yes}\n",
        "2:45: enabled: must be true or false, not 'yes'",
    ),
    "a number among words": (
        "rules.yaml", "rules:\n  - {name: أ, any: [2024]}\n", "2:21: any[0]: must be text: 2024",
    ),
    "an address in a file that is not there": (
        "monitor.yaml", "channels:\n  mail: {url_file: mail.url}\n",
        "2:20: channels.mail.url_file: there is no such file",
    ),
    "a template that is not there": (
        "monitor.yaml", "channels:\n  screen: {url: 'console://', template: words.j2}\n",
        "2:41: channels.screen.template: there is no such file",
    ),
    "headers that are not there": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', headers_file: h}\n",
        "2:50: headers_file: there is no such file",
    ),
    "a slip behind a byte order mark": (
        "rules.yaml", "\ufeffrules:\n  - {name: أ, any: [داعش], chanels: [screen]}\n",
        "2:28: chanels: unknown key (did you mean 'channels'?)",
    ),
    "a file from an Arabic Windows": (
        "rules.yaml", RULES.encode("cp1256"), "2:12: is windows-1256, it seems: save it as UTF-8",
    ),
    "a mapping instead of a list": (
        "rules.yaml", "rules:\n  name: أ\n  any: [داعش]\n", "2:3: rules: must be a list",
    ),
    "a list instead of a mapping": (
        "monitor.yaml", "channels:\n  - screen\n", "2:3: channels: must be a mapping of keys",
    ),
    "a key that no file has": (
        "monitor.yaml", MONITOR + "pooling: {interval: 5m}\n",
        "3:1: pooling: unknown key (did you mean 'polling'?)",
    ),
    "a no-break space": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش]\n    \u00a0note: x\n",
        "4:5: \ufffdnote: unknown key: it holds a no-break space",
    ),
    "an unseen mark": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش]\n    \u200fnote: x\n",
        "4:5: \ufffdnote: unknown key: it holds a no-break space or an unseen character (did",
    ),
    "words in parentheses": (
        "rules.yaml", "rules:\n  - name: أ\n    any: (داعش, غارة)\n",
        "3:10: any: must be a list, write [داعش, غارة]",
    ),
    "an address alone": (
        "feeds.yaml", "feeds:\n  - https://a.example/rss\n",
        "2:5: must be a mapping of keys to values (write {url: …})",
    ),
    "hours without their keys": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], quiet: 23:00-07:00}\n",
        "2:35: quiet: must be a mapping of keys to values (write {from: 23:00, to: 07:00})",
    ),
    "metrics that are merely wanted": (
        "monitor.yaml", MONITOR + "metrics: on\n",
        "3:10: metrics: must be a mapping of keys to values (write {listen: 127.0.0.1:9464})",
    ),
    "a socket as others write it": (
        "monitor.yaml", MONITOR + "metrics: {listen: unix:/run/rasid/m.sock}\n",
        "3:19: metrics.listen: must be such as 127.0.0.1:9464 or /run/rasid/metrics.sock (write",
    ),
    "the address of the page of metrics": (
        "monitor.yaml", MONITOR + "metrics: {listen: 127.0.0.1:9464/metrics}\n",
        "3:19: metrics.listen: must be such as 127.0.0.1:9464 or /run/rasid/metrics.sock (write",
    ),
    "hours from Greenwich": (
        "monitor.yaml", MONITOR + "timezone: GMT+3\n",
        "3:11: timezone: no time zone is named 'GMT+3' (write a zone of the IANA, by a",
    ),
    "Arabic digits": (
        "rules.yaml", "rules:\n  - {name: أ, near: {place: مخمور, km: ٤٠}}\n",
        "2:40: near.km: must be a number, not '٤٠' (write 40)",
    ),
    "a time in Arabic digits": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], quiet: {from: ٢٣:٠٠, to: 07:00}}\n",
        "2:42: quiet.from: must be such as 07:30, not '٢٣:٠٠' (write 23:00)",
    ),
    "an hour of one digit": (
        "monitor.yaml", MONITOR + "heartbeat: daily 8:00\n",
        "3:12: heartbeat: must be such as daily 08:00, not 'daily 8:00' (write daily 08:00)",
    ),
    "a distance of nothing": (
        "rules.yaml", "rules:\n  - {name: أ, near: {place: مخمور, km: 0}}\n",
        "2:40: near.km: must be more than 0, not 0",
    ),
    "an Arabic comma between keys": (
        "rules.yaml", "rules:\n- {name: أ، any: [داعش]}\n",
        "2:16: this '{' is not closed, or a comma is missing in it (the Arabic comma ، is none)",
    ),
    "a channel without a name": (
        "monitor.yaml", "channels:\n  '': {url: 'console://'}\n",
        "2:3: channels.: must not be empty",
    ),
    "a number with its unit": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], near: {place: مخمور, km: 40km}}\n",
        "2:53: near.km: must be a number, not '40km' (write 40)",
    ),
    "a state that is a file": (
        "monitor.yaml", MONITOR + "state: rules.yaml\n", "3:8: state: is no folder",
    ),
    "a state inside a file": (
        "monitor.yaml", MONITOR + "state: rules.yaml/x\n", "3:8: state: lies inside a file",
    ),
    "half a position": (
        "places.yaml", "places:\n  - {id: q, name: قره جوغ, lat: 35.7}\n",
        "2:33: lat: needs lon beside it",
    ),
    "an operator that is no channel": (
        "monitor.yaml", MONITOR + "operator: scren\n",
        "3:11: operator: no channel is named 'scren' (did you mean 'screen'?)",
    ),
    "a text that begins with what YAML keeps for itself": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [@داعش]\n",
        "3:11: a value cannot begin with '@': write it in quotes",
    ),
    "a quote that is not closed": (
        "rules.yaml", 'rules:\n  - name: أ\n    any: ["داعش]\n', "3:11: this quote is not closed",
    ),
    "a second document": (
        "rules.yaml", RULES + "---\n" + RULES, "3:1: a second document begins here",
    ),
    "a sentence that it should fire on": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], examples: {match: [لا شيء]}}\n",
        "2:47: examples.match[0]: the rule does not fire: any: داعش is not met",
    ),
    "quiet hours that never end": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', quiet: {from: 23:00, to: 23:00}}\n",
        "2:51: channels.a.quiet.to: must differ from `from`",
    ),
    "no alert a day": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], max_per_day: 0}\n",
        "2:41: max_per_day: must be at least 1, not 0",
    ),
    "a port alone for the metrics": (
        "monitor.yaml", MONITOR + "metrics: {listen: 9464}\n",
        ("3:19: metrics.listen: must be such as 127.0.0.1:9464 or /run/rasid/metrics.sock, not"
         " 9464 (write 127.0.0.1:9464)"),
    ),
    "a port in quotes": (
        "monitor.yaml", MONITOR + "metrics: {listen: ':9464'}\n",
        ("3:19: metrics.listen: must be such as 127.0.0.1:9464 or /run/rasid/metrics.sock, not"
         " ':9464' (write 127.0.0.1:9464)"),
    ),
    "a host without its port": (
        "monitor.yaml", MONITOR + "metrics: {listen: localhost}\n",
        ("3:19: metrics.listen: must be such as 127.0.0.1:9464 or /run/rasid/metrics.sock, not"
         " 'localhost' (write localhost:9464)"),
    ),
    "the key of other programs for the metrics": (
        "monitor.yaml", MONITOR + "metrics: {port: 9464}\n",
        "3:11: port: unknown key (did you mean 'listen'?)",
    ),
    "a port in place of the metrics": (
        "monitor.yaml", MONITOR + "metrics: 9464\n",
        "3:10: metrics: must be a mapping of keys to values (write {listen: 127.0.0.1:9464})",
    ),
    "a number as a rate": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', rate: 20}\n",
        "2:32: channels.a.rate: must be such as 20/m, not 20 (write 20/m)",
    ),
    "a rate in words": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', rate: 20 per minute}\n",
        "2:32: channels.a.rate: must be such as 20/m, not '20 per minute' (write 20/m)",
    ),
    "an hour as a number": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', quiet: {from: 23:00, to: 7}}\n",
        "2:51: channels.a.quiet.to: must be such as 07:30, not 7 (write 07:00)",
    ),
    "an hour with a point": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', quiet: {from: 23.30, to: 07:00}}\n",
        "2:40: channels.a.quiet.from: must be such as 07:30, not 23.3 (write 23:30)",
    ),
    "an hour of the afternoon": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', quiet: {from: 11pm, to: 07:00}}\n",
        "2:40: channels.a.quiet.from: must be such as 07:30, not '11pm' (write 23:00)",
    ),
    "an hour in Arabic": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', quiet: {from: ١١ مساءً, to: 07:00}}\n",
        "2:40: channels.a.quiet.from: must be such as 07:30, not '١١ مساءً' (write 23:00)",
    ),
    "the hour twenty-four": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', quiet: {from: 24:00, to: 07:00}}\n",
        "2:40: channels.a.quiet.from: must be such as 07:30, not '24:00' (write 00:00)",
    ),
    "a time without daily": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', digest: 08:00}\n",
        "2:34: channels.a.digest: must be such as daily 08:00, not '08:00' (write daily 08:00)",
    ),
    "a digest that is merely wanted": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', digest: true}\n",
        "2:34: channels.a.digest: must be such as daily 08:00, not true (write daily 08:00)",
    ),
    "a digest as cron has it": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', digest: 0 8 * * *}\n",
        ("2:34: channels.a.digest: must be such as daily 08:00, not '0 8 * * *' (write daily"
         " 08:00)"),
    ),
    "a heartbeat in hours": (
        "monitor.yaml", MONITOR + "heartbeat: 24h\n",
        "3:12: heartbeat: must be such as daily 08:00, not '24h' (write daily 08:00)",
    ),
    "a city of Kurdistan": (
        "monitor.yaml", MONITOR + "timezone: Asia/Erbil\n",
        "3:11: timezone: no time zone is named 'Asia/Erbil' (write Asia/Baghdad)",
    ),
    "a city without its continent": (
        "monitor.yaml", MONITOR + "timezone: Mosul\n",
        "3:11: timezone: no time zone is named 'Mosul' (write Asia/Baghdad)",
    ),
    "a city in Arabic": (
        "monitor.yaml", MONITOR + "timezone: البصرة\n",
        "3:11: timezone: no time zone is named 'البصرة' (write Asia/Baghdad)",
    ),
    "a city of Syria": (
        "monitor.yaml", MONITOR + "timezone: Asia/Aleppo\n",
        "3:11: timezone: no time zone is named 'Asia/Aleppo' (write Asia/Damascus)",
    ),
    "a city of Arabia": (
        "monitor.yaml", MONITOR + "timezone: Asia/Jeddah\n",
        "3:11: timezone: no time zone is named 'Asia/Jeddah' (write Asia/Riyadh)",
    ),
    "a city of two words": (
        "monitor.yaml", MONITOR + "timezone: Asia/Abu_Dhabi\n",
        "3:11: timezone: no time zone is named 'Asia/Abu_Dhabi' (write Asia/Dubai)",
    ),
    "Tripoli of Lebanon": (
        "monitor.yaml", MONITOR + "timezone: Asia/Tripoli\n",
        "3:11: timezone: no time zone is named 'Asia/Tripoli' (write Asia/Beirut)",
    ),
    "the name of a country": (
        "monitor.yaml", MONITOR + "timezone: Iraq\n",
        "3:11: timezone: no time zone is named 'Iraq' (write Asia/Baghdad)",
    ),
    "a zone of Windows": (
        "monitor.yaml", MONITOR + "timezone: Arabic Standard Time\n",
        "3:11: timezone: no time zone is named 'Arabic Standard Time' (write Asia/Baghdad)",
    ),
    "hours alone": (
        "monitor.yaml", MONITOR + "timezone: +03:00\n",
        ("3:11: timezone: no time zone is named '+03:00' (write a zone of the IANA, by a place"
         " in it, such as Asia/Baghdad)"),
    ),
    "hours as a number": (
        "monitor.yaml", MONITOR + "timezone: +3\n",
        ("3:11: timezone: no time zone is named 3 (write a zone of the IANA, by a place in it,"
         " such as Asia/Baghdad)"),
    ),
    "minutes in full": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', interval: 10 minutes}\n",
        ("2:46: interval: must be a duration such as 30s, 15m, 2h or 7d, not '10 minutes'"
         " (write 10m)"),
    ),
    "minutes in Arabic": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', interval: ١٠د}\n",
        "2:46: interval: must be a duration such as 30s, 15m, 2h or 7d, not '١٠د' (write 10m)",
    ),
    "an hour and a half": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', interval: 1h30m}\n",
        "2:46: interval: must be a duration such as 30s, 15m, 2h or 7d, not '1h30m' (write 90m)",
    ),
    "a duration of ISO 8601": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', interval: PT15M}\n",
        "2:46: interval: must be a duration such as 30s, 15m, 2h or 7d, not 'PT15M' (write 15m)",
    ),
    "a week": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], backfill: 1w}\n",
        "2:38: backfill: must be a duration such as 30s, 15m, 2h or 7d, not '1w' (write 7d)",
    ),
    "a number in quotes for a duration": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', interval: '10'}\n",
        "2:46: interval: must be a duration with its unit, not '10' (write 10s, 10m, 10h or 10d)",
    ),
    "a size without the B": (
        "monitor.yaml", MONITOR + "polling: {max_bytes: 10M}\n",
        "3:22: polling.max_bytes: must be a size such as 500kB or 10MB, not '10M' (write 10MB)",
    ),
    "a size with a fraction": (
        "monitor.yaml", MONITOR + "polling: {max_bytes: 1.5GB}\n",
        ("3:22: polling.max_bytes: must be a size such as 500kB or 10MB, not '1.5GB' (write"
         " 1500MB)"),
    ),
    "a severity in Arabic": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], severity: عاجل}\n",
        "2:38: severity: must be one of low, normal, high, critical, not 'عاجل' (write critical)",
    ),
    "another severity in Arabic": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], severity: مهم}\n",
        "2:38: severity: must be one of low, normal, high, critical, not 'مهم' (write high)",
    ),
    "a severity of others": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], severity: medium}\n",
        "2:38: severity: must be one of low, normal, high, critical, not 'medium' (write normal)",
    ),
    "a language by its name": (
        "monitor.yaml", MONITOR + "language: عربي\n",
        "3:11: language: must be one of ar, en, not 'عربي' (write ar)",
    ),
    "the code of all Kurdish": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], language: [ku]}\n",
        "2:39: language[0]: must be one of ar, ckb, en, fa, ur, not 'ku' (write ckb)",
    ),
    "a field by another name": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], fields: [body]}\n",
        "2:37: fields[0]: must be one of title, text, not 'body' (write text)",
    ),
    "true in Arabic": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', enabled: نعم}\n",
        "2:45: enabled: must be true or false, not 'نعم' (write true)",
    ),
    "true in quotes": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', enabled: 'true'}\n",
        "2:45: enabled: must be true or false, not 'true' (write true)",
    ),
    "a kind of feed that is just a feed": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', kind: rss}\n",
        "2:42: kind: must be one of feed, sitemap, page, not 'rss' (write feed)",
    ),
    "a level of others": (
        "monitor.yaml", MONITOR + "log: {level: verbose}\n",
        ("3:14: log.level: must be one of debug, info, warning, error, not 'verbose' (write"
         " debug)"),
    ),
    "a channel of which there is one": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], channels: [desk]}\n",
        "2:39: channels[0]: no channel is named 'desk' (there is only screen)",
    ),
    "a dash without a blank": (
        "rules.yaml", "rules:\n  -name: أ\n   any: [داعش]\n",
        "2:3: a blank is missing after the dash",
    ),
    "a dash without a blank, and deeper keys": (
        "rules.yaml", "rules:\n  -name: أ\n    any: [داعش]\n",
        "2:3: a blank is missing after the dash",
    ),
    "dashes without blanks among words": (
        "rules.yaml", "rules:\n  - name: أ\n    any:\n      -داعش\n      -غارة\n",
        "4:7: any: a blank is missing after the dash",
    ),
    "one dash without a blank among words": (
        "rules.yaml", "rules:\n  - name: أ\n    any:\n      - داعش\n      -غارة\n",
        "5:7: a blank is missing after the dash",
    ),
    "nothing but a dash without a blank": (
        "rules.yaml", "rules:\n  -name: أ\n",
        "2:3: rules.-name: a blank is missing after the dash",
    ),
    "a long dash": (
        "rules.yaml", "rules:\n  – name: أ\n    any: [داعش]\n",
        "2:3: an item begins with the plain dash '-'",
    ),
    "a bullet": (
        "rules.yaml", "rules:\n  • name: أ\n    any: [داعش]\n",
        "2:3: an item begins with the plain dash '-'",
    ),
    "a colon without a blank": (
        "rules.yaml", "rules:\n  - name: أ\n    any:[داعش]\n",
        "3:8: a blank is missing after the colon",
    ),
    "a colon without a blank in the first key": (
        "rules.yaml", "rules:\n  - name:أ\n    any: [داعش]\n",
        "2:9: a blank is missing after the colon",
    ),
    "a colon without a blank in brackets": (
        "monitor.yaml", MONITOR + "polling: {interval:5m}\n",
        "3:11: interval:5m: unknown key (write a blank after 'interval:')",
    ),
    "a wide colon": (
        "rules.yaml", "rules:\n  - name： أ\n    any: [داعش]\n",
        "2:9: a key ends with the plain colon ':'",
    ),
    "a rule that stands deeper": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش]\n    - name: ب\n      any: [غارة]\n",
        "4:5: this '- ' stands in column 5, the one above in column 3",
    ),
    "a rule that stands a little deeper": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش]\n   - name: ب\n     any: [غارة]\n",
        "4:4: this '- ' stands in column 4, the one above in column 3",
    ),
    "a word that stands less deep": (
        "rules.yaml", "rules:\n  - name: أ\n    any:\n      - داعش\n     - غارة\n",
        "5:6: this '- ' stands in column 6, the one above in column 7",
    ),
    "a bracket that is open over lines": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش, غارة\n    note: x\n",
        "3:10: this '[' is not closed, or a comma is missing in it",
    ),
    "a bracket too many": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش]]\n",
        "3:16: this bracket closes nothing",
    ),
    "a quote inside quotes": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش]\n    note: 'it's bad'\n",
        "4:15: the text in quotes has ended: inside it, a quote is written ''",
    ),
    "a hashtag in brackets": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [#كركوك]\n",
        "3:11: '#' begins a comment: put quotes around it",
    ),
    "a mark before a word": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [!داعش]\n",
        "3:12: a value that begins with * & or ! needs single quotes around it",
    ),
    "a key without a colon": (
        "rules.yaml", "rules:\n  - name: أ\n    any = [داعش]\n",
        "3:5: a ':' is missing after a key",
    ),
    "words on lines without dashes": (
        "rules.yaml", "rules:\n  - name: أ\n    any:\n      داعش\n      غارة\n",
        "4:7: any: must be a list, write [داعش, غارة]",
    ),
    "words in braces": (
        "rules.yaml", "rules:\n  - name: أ\n    any: {داعش, غارة}\n",
        "3:10: any: must be a list, write [داعش, غارة]",
    ),
    "wide brackets": (
        "rules.yaml", "rules:\n  - name: أ\n    any: ［داعش］\n",
        "3:10: any: must be a list, write [داعش]",
    ),
    "a section of INI": (
        "rules.yaml", "[rules]\nname = أ\n",
        "2:1: the file's value has ended above: is a ':' missing in this line?",
    ),
    "an address with its colon alone": (
        "monitor.yaml", "channels:\n  a: {url: console:}\n",
        "2:19: a value is missing here, or its ':' needs quotes around the value",
    ),
    "a key by another name": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], keywords: [غارة]}\n",
        "2:28: keywords: unknown key (did you mean 'any'?)",
    ),
    "a key by its opposite": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], exclude: [مسلسل]}\n",
        "2:28: exclude: unknown key (did you mean 'none'?)",
    ),
    "not for none": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], not: [مسلسل]}\n",
        "2:28: not: unknown key (did you mean 'none'?)",
    ),
    "a key in Arabic": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], أماكن: [مخمور]}\n",
        "2:28: أماكن: unknown key (did you mean 'places'?)",
    ),
    "a feed that is switched off": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', disabled: true}\n",
        "2:36: disabled: unknown key (write enabled: false)",
    ),
    "a key that stands too far out": (
        "monitor.yaml", MONITOR + "interval: 5m\n",
        "3:1: interval: unknown key (write it under polling)",
    ),
    "a key of another file": (
        "monitor.yaml", MONITOR + "rules: []\n",
        "3:1: rules: unknown key (write it in rules.yaml)",
    ),
    "a list without its key": (
        "rules.yaml", "- {name: أ, any: [داعش]}\n",
        "1:1: must begin with 'rules:' (write 'rules:' above it, alone on its line)",
    ),
    "days alone": (
        "monitor.yaml", MONITOR + "seen: 90\n",
        "3:7: seen: must be a mapping of keys to values (write {days: 90})",
    ),
    "days with their unit alone": (
        "monitor.yaml", MONITOR + "archive: 30d\n",
        "3:10: archive: must be a mapping of keys to values (write {days: 30})",
    ),
    "a level alone": (
        "monitor.yaml", MONITOR + "log: debug\n",
        "3:6: log: must be a mapping of keys to values (write {level: debug})",
    ),
    "a format alone": (
        "monitor.yaml", MONITOR + "log: json\n",
        "3:6: log: must be a mapping of keys to values (write {format: json})",
    ),
    "an interval alone": (
        "monitor.yaml", MONITOR + "polling: 5m\n",
        "3:10: polling: must be a mapping of keys to values (write {interval: 5m})",
    ),
    "examples in a list": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], examples: [قصف داعش]}\n",
        "2:38: examples: must be a mapping of keys to values (write {match: [قصف داعش]})",
    ),
    "a category alone": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], feeds: iraq}\n",
        "2:35: feeds: must be a mapping of keys to values (write {category: iraq})",
    ),
    "hours in a list": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], quiet: [22:00, 6:00]}\n",
        "2:35: quiet: must be a mapping of keys to values (write {from: 22:00, to: 06:00})",
    ),
    "channels in a list": (
        "monitor.yaml", "channels:\n  - {url: 'console://'}\n",
        ("2:3: channels: must be a mapping of keys to values (a channel has a name: {desk-mail:"
         " {url: …}})"),
    ),
    "an address in place of the channels": (
        "monitor.yaml", "channels: console://\n",
        ("1:11: channels: must be a mapping of keys to values (a channel has a name:"
         " {desk-mail: {url: …}})"),
    ),
    "a decimal comma": (
        "places.yaml", "places:\n  - {id: q, name: قره جوغ, lat: 35,7, lon: 43.6}\n",
        "2:36: 7: unknown key (a number has a point, not a comma: 35.77)",
    ),
    "a decimal comma in quotes": (
        "places.yaml", "places:\n  - {id: q, name: قره جوغ, lat: '35,7', lon: 43.6}\n",
        "2:33: lat: must be a number, not '35,7' (write 35.7)",
    ),
    "a position with its letter": (
        "places.yaml", "places:\n  - {id: q, name: قره جوغ, lat: 35.7N, lon: 43.6}\n",
        "2:33: lat: must be a number, not '35.7N' (write 35.7)",
    ),
    "thousands": (
        "places.yaml", "places:\n  - {id: q, name: قره جوغ, population: 50k}\n",
        "2:40: population: must be a whole number, not '50k' (write 50000)",
    ),
    "a feed without a scheme": (
        "feeds.yaml", "feeds:\n  - {url: a.example/rss}\n",
        "2:11: url: must begin with http:// or https:// (write https:// before it)",
    ),
    "a feed with one slash": (
        "feeds.yaml", "feeds:\n  - {url: 'https:/a.example/rss'}\n",
        "2:11: url: names no host (write https://, with two slashes, before the host)",
    ),
    "a feed in angle brackets": (
        "feeds.yaml", "feeds:\n  - {url: <https://a.example/rss>}\n",
        ("2:11: url: must begin with http:// or https:// (write the address alone, without what"
         " stands around it)"),
    ),
    "a feed by its old scheme": (
        "feeds.yaml", "feeds:\n  - {url: 'feed://a.example/rss'}\n",
        "2:11: url: must begin with http:// or https:// (write https://)",
    ),
    "a blank before an address": (
        "feeds.yaml", "feeds:\n  - {url: ' https://a.example/rss'}\n",
        "2:11: url: must not begin or end with a blank",
    ),
    "no proxy": (
        "monitor.yaml", MONITOR + "proxy: none\n",
        "3:8: proxy: must begin with http:// or https:// (write null, or leave the key out)",
    ),
    "this machine by its name": (
        "monitor.yaml", MONITOR + "allow_private: [localhost]\n",
        ("3:17: allow_private[0]: must be a network such as 127.0.0.0/8, not 'localhost' (write"
         " 127.0.0.0/8)"),
    ),
    "an @ in a password": (
        "monitor.yaml",
        "channels:\n  a: {url: 'mailtos://ali:hunter2@x:w@smtp.a.example/?to=b@a.example'}\n",
        ("2:12: channels.a.url: the address after mailtos:// is incomplete or wrong (in user"
         " and password write %40 for @, %3A for :, %2F for /, %3F for ? and %23 for #); see"
         " https://appriseit.com/services/email/"),
    ),
    "a slash in a password": (
        "monitor.yaml",
        "channels:\n  a: {url: 'mailtos://ali:hunter2/x@smtp.a.example/?to=b@a.example'}\n",
        ("2:12: channels.a.url: the address after mailtos:// is incomplete or wrong (in user"
         " and password write %40 for @, %3A for :, %2F for /, %3F for ? and %23 for #); see"
         " https://appriseit.com/services/email/"),
    ),
    "a whole address as the user": (
        "monitor.yaml",
        "channels:\n  a: {url: 'mailtos://ali@a.example:hunter2@smtp.a.example/?to=b@a.example'}\n",
        ("2:12: channels.a.url: the address after mailtos:// is incomplete or wrong (in user"
         " and password write %40 for @, %3A for :, %2F for /, %3F for ? and %23 for #); see"
         " https://appriseit.com/services/email/"),
    ),
    "a web address in place of a webhook": (
        "monitor.yaml", "channels:\n  a: {url: 'https://hooks.a.example/hunter2'}\n",
        "2:12: channels.a.url: unknown scheme https:// (did you mean webhook+https://?)",
    ),
    "a webhook with a blank": (
        "monitor.yaml", "channels:\n  a: {url: 'webhook+https://hooks.a example/hunter2'}\n",
        ("2:12: channels.a.url: the address behind webhook+ must not hold blanks or control"
         " characters"),
    ),
    "a mail address in place of a channel": (
        "monitor.yaml", "channels:\n  a: {url: desk@a.example}\n",
        ("2:12: channels.a.url: must be an address such as mailtos://…, tgram://… or console://"
         " (write mailtos://USER:PASSWORD@SERVER/?from=…&to=…)"),
    ),
    "a variable": (
        "monitor.yaml", "channels:\n  a: {url: $MAIL_URL}\n",
        ("2:12: channels.a.url: must be an address such as mailtos://…, tgram://… or console://"
         " (variables are not read here: put the address into a file and name it in url_file)"),
    ),
    "a channel twice but for a blank": (
        "monitor.yaml", "channels:\n  a: {url: 'console://'}\n  'a ': {url: 'console://'}\n",
        "3:3: channels.a : repeated name, but for the blanks around it",
    ),
    "a state among the files of the kernel": (
        "monitor.yaml", MONITOR + "state: /proc/rasid\n",
        "3:8: state: no folder can be made among the files of the kernel",
    ),
    "a selector that breaks off": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', kind: page, selector: 'a['}\n",
        "2:61: selector: no CSS selector: a name is missing before the end",
    ),
    "an XPath": (
        "feeds.yaml",
        "feeds:\n  - {url: 'https://a.example/rss', kind: page, selector: //a/@href}\n",
        "2:58: selector: no CSS selector: an element or a class is missing before '/'",
    ),
    "a part of an element": (
        "feeds.yaml",
        "feeds:\n  - {url: 'https://a.example/rss', kind: page, selector: 'a::attr(href)'}\n",
        "2:58: selector: no CSS selector: it picks elements, so leave out what begins with ::",
    ),
    "a group that is not closed": (
        "rules.yaml", "rules:\n  - {name: أ, query: '/(a/'}\n",
        ("2:24: query: no regular expression: a ) is missing behind (a (see"
         " https://github.com/google/re2/wiki/Syntax)"),
    ),
    "looking ahead": (
        "rules.yaml", "rules:\n  - {name: أ, query: '/(?=أ)ب/'}\n",
        ("2:24: query: no regular expression: (?= is not known here: an expression cannot look"
         " ahead or back (see https://github.com/google/re2/wiki/Syntax)"),
    ),
    "a repetition of nothing": (
        "rules.yaml", "rules:\n  - {name: أ, query: '/*a/'}\n",
        ("2:24: query: no regular expression: nothing stands before * that it could repeat (see"
         " https://github.com/google/re2/wiki/Syntax)"),
    ),
    "an escape that means nothing": (
        "rules.yaml", "rules:\n  - {name: أ, query: '/\\q/'}\n",
        ("2:24: query: no regular expression: \\q means nothing here (\\\\ is a backslash) (see"
         " https://github.com/google/re2/wiki/Syntax)"),
    ),
    "an item behind its key": (
        "rules.yaml", "rules:\n  - name: أ\n    any: - داعش\n",
        "3:10: an item ('- ') begins on a line of its own",
    ),
    "a question mark and a blank": (
        "rules.yaml", "rules:\n  - name: أ\n    any: ? داعش\n",
        "3:10: a value cannot begin with '?': write it in quotes",
    ),
    "a quote that is open to the end of the document": (
        "rules.yaml", "rules:\n  - name: 'أ\n---\n",
        "2:11: this quote is not closed",
    ),
    "an escape of no letter": (
        "rules.yaml", 'rules:\n  - name: "\\uZZ"\n',
        "2:14: an unknown escape in double quotes: use single quotes",
    ),
    "YAML of another version": (
        "rules.yaml", "%YAML 2.0\n---\nrules: []\n",
        "1:1: this file is YAML 1.2: leave the line that begins with % out",
    ),
    "a tag that is not closed": (
        "rules.yaml", "rules: !<x\n",
        "1:8: a value that begins with * & or ! needs single quotes around it",
    ),
    "a tag of nobody": (
        "rules.yaml", "rules: !a!b x\n",
        "1:8: a value that begins with * & or ! needs single quotes around it",
    ),
    "an anchor twice": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [&a داعش, &a غارة]\n",
        "3:20: a name behind & that is taken already: write the text in quotes",
    ),
    "a bar with a text behind it": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش]\n    note: |نص\n",
        "4:12: a value that begins with | or > needs quotes, unless its text stands below",
    ),
    "a rule in braces that is not closed": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش]\n  - {name: ب, any: [قصف]}\n",
        "2:5: this '{' is not closed, or a comma is missing in it",
    ),
    "two keys in a line": (
        "rules.yaml", "rules:\n  - name: أ, any: [داعش]\n",
        "2:17: a second ':' in one value: quote it, or begin a line with the key",
    ),
    "a phrase and an operator": (
        "rules.yaml", 'rules:\n  - name: أ\n    query: "قصف داعش" AND غارة\n',
        "3:23: the text in quotes has ended: put single quotes around the whole value",
    ),
    "a word without its dash": (
        "rules.yaml", "rules:\n  - name: أ\n    any:\n      - داعش\n      غارة\n",
        "5:7: '- ' is missing before this item",
    ),
    "a comma behind a list": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش],\n    none: [مسلسل]\n",
        "3:16: the value in brackets has ended: nothing may stand behind it",
    ),
    "dashes in brackets": (
        "rules.yaml", "rules: [\n  - name: أ\n",
        "2:3: in brackets items are parted by commas, and have no '- '",
    ),
    "a semicolon for a comma": (
        "rules.yaml", "rules:\n- {name: أ; any: [داعش]}\n",
        "2:16: this '{' is not closed, or a comma is missing in it",
    ),
    "a blank too many after a dash": (
        "rules.yaml", "rules:\n  -   name: أ\n    any: [داعش]\n",
        "3:5: expected '- ' here: check the indentation (the line above begins in column 7)",
    ),
    "an item without anything": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش]}\n  -\n",
        "3:4: has no value: must be a mapping of keys to values (write {name: …, any: […]})",
    ),
    "a channel without anything": (
        "monitor.yaml", "channels:\n  a:\n",
        "2:5: channels.a: has no value: must be a mapping of keys to values (write {url: …})",
    ),
    "a mapping where a time is due": (
        "monitor.yaml", MONITOR + "heartbeat: {at: 08:00}\n",
        "3:12: heartbeat: must be such as daily 08:00, not a mapping (write daily 08:00)",
    ),
    "a list where a text is due": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', category: [a, b]}\n",
        "2:46: category: must be text, not a list",
    ),
    "a channel of which there are two": (
        "monitor.yaml",
        "channels: {a: {url: 'console://'}, b: {url: 'console://'}}\noperator: desk\n",
        "2:11: operator: no channel is named 'desk' (there are a, b)",
    ),
    "a comma between keys that is missing": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', name: أ ب: ج}\n",
        "2:45: this '{' is not closed, or a comma is missing in it",
    ),
    "a key and its value without a colon": (
        "monitor.yaml", MONITOR + "polling: {interval 5m}\n",
        "3:11: interval 5m: unknown key (write a ':' after interval)",
    ),
    "a word with a star within": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داع*ش]\n",
        "3:14: any[0]: * stands only after an item",
    ),
    "half a number": (
        "monitor.yaml", MONITOR + "polling: {per_host: 2.5}\n",
        "3:21: polling.per_host: must be a whole number, not 2.5",
    ),
    "a million days": (
        "monitor.yaml", MONITOR + "seen: {days: 1000000}\n",
        "3:14: seen.days: must be at most 36500, not 1000000",
    ),
    "a region for a zone": (
        "monitor.yaml", MONITOR + "timezone: Asia\n",
        ("3:11: timezone: no time zone is named 'Asia' (write a city of it too, such as"
         " Asia/Baghdad)"),
    ),
    "a place by its distance in words": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], near: {place: الموصل, km: 40 كم}}\n",
        "2:54: near.km: must be a number, not '40 كم' (write 40)",
    ),
    "a radius": (
        "rules.yaml",
        "rules:\n  - {name: أ, any: [داعش], near: {place: الموصل, km: 4, radius: 40}}\n",
        "2:57: radius: unknown key (did you mean 'km'?)",
    ),
    "a list of places for one": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], near: {place: [الموصل], km: 4}}\n",
        "2:42: near.place: must be the name of a place (write {name: القصير, in: حمص})",
    ),
    "no words at all": (
        "rules.yaml", "rules:\n  - name: أ\n    any: []\n",
        "3:10: any: must not be an empty list: leave the key out instead",
    ),
    "a number of alerts with its unit": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], max_per_day: 10/day}\n",
        "2:41: max_per_day: must be a whole number, not '10/day' (write 10)",
    ),
    "a name in two lines": (
        "rules.yaml", 'rules:\n  - {name: "أ\\nب", any: [داعش]}\n',
        "2:12: name: must be one line of plain text",
    ),
    "an identity in Arabic": (
        "places.yaml", "places:\n  - {id: قره, name: قره جوغ}\n",
        "2:10: id: must be Latin letters, digits and . _ -, not 'قره'",
    ),
    "a file that is JSON, nearly": (
        "rules.yaml", '{"rules": [{"name": "أ" "any": ["داعش"]}]}\n',
        "1:25: this '{' is not closed, or a comma is missing in it",
    ),
    "a list of one severity": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], severity: [high]}\n",
        "2:38: severity: must be one of low, normal, high, critical, not a list (write high)",
    ),
    "a list of one operator": (
        "monitor.yaml", MONITOR + "operator: [screen]\n",
        "3:11: operator: must be text, not a list (write screen)",
    ),
    "a list of addresses": (
        "feeds.yaml", "feeds:\n  - {url: ['https://a.example/1', 'https://a.example/2']}\n",
        "2:11: url: must be text, not a list",
    ),
    "an interval without anything": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', interval: }\n",
        "2:46: interval: has no value: must be a duration such as 30s, 15m, 2h or 7d",
    ),
    "a list of zones": (
        "monitor.yaml", MONITOR + "timezone: [Asia/Baghdad]\n",
        "3:11: timezone: must be such as Asia/Baghdad, not a list",
    ),
    "a key beside the rules": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش]}\nseverity: high\n",
        "3:1: severity: unknown key (indent it as far as the keys of the item above)",
    ),
    "another file's list beside the rules": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش]}\nplaces: []\n",
        "3:1: places: unknown key (write it in places.yaml)",
    ),
    "a negative rate": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', rate: -5/m}\n",
        "2:32: channels.a.rate: must be such as 20/m, not '-5/m'",
    ),
    "degrees and minutes": (
        "places.yaml", "places:\n  - {id: q, name: قره جوغ, lat: 35°46′, lon: 43.6}\n",
        "2:33: lat: must be a number, not '35°46′'",
    ),
}  # fmt: skip

# Of channels: (a file beside monitor.yaml, what it holds, what is said of it).
TEMPLATES = {
    "a name that is misspelt": (
        "{{ article.tilte }}", "1: nothing in it is called tilte (did you mean title?)",
    ),
    "a name that is misspelt, alone": (
        "{{ artcle.title }}", "1: nothing is called artcle (did you mean article?)",
    ),
    "a name of a list": (
        "{{ article.rules.name }}", "1: a list has no name: its items have, in a loop: {% for",
    ),
    "an item too many": ("{{ articles[9].link }}", "1: the list has no item 9 (ask first: {% if"),
    "a name of a text": ("{{ article.title.name }}", "1: a text has no name"),
    "one brace": (
        "س\n{{ article.title }", "2: this '}' closes nothing, or stands alone where two are due",
    ),
    "a bracket": ("{{ article['title' }}", "1: ']' is missing before this '}'"),
    "a block that is open": (
        "{% if article.link %}خبر", "1: the template ends before {% endif %}",
    ),
    "a filter that is misspelt": (
        "{{ article.title | uper }}", "1: no filter is called uper (did you mean upper?)",
    ),
    "a tag that is misspelt": (
        "{% fro a in articles %}{% endfor %}", "1: no tag is called fro (there are block, elif,",
    ),
    "a loop without in": (
        "{% for a articles %}{% endfor %}", "1: 'in' is missing before 'articles'",
    ),
    "an end of nothing": ("{% endfor %}", "1: this {% endfor %} closes nothing"),
    "nothing to show": ("{{ }}", "1: a name or value is missing before this end"),
    "two names": (
        "{{ article.title article.link }}",
        "1: 'article' stands behind what is complete already: an operator or a quote is missing",
    ),
    "a quote that is open": ("{{ 'a }}", "1: a quote is not closed"),
    "an Arabic comma": (
        "{{ article.title ، }}", "1: the character ، has no place in an expression",
    ),
    "a comment that is open": ("{# س", "1: a comment is not closed: #} is missing"),
    "a text and a number": (
        "{{ article.title + 3 }}", "1: texts and numbers are joined by ~, not by +",
    ),
    "a text that is called": (
        "{{ article.title() }}", "1: this is no function: leave the parentheses out",
    ),
    "another file": ("{% include 'x' %}", "1: other files cannot be included or imported"),
    "nothing at all": ("", " the template makes an empty text"),
}  # fmt: skip

ALONE = (
    "must be an address such as mailtos://…, tgram://… or console:// (the file holds the address"
)
ADDRESS_FILES = {
    "a name before it": ("MAIL_URL=mailtos://a:hunter2@b.example\n", ALONE),
    "quotes around it": ("'mailtos://a:hunter2@b.example'\n", ALONE),
    "a comment above it": (
        "# desk\nmailtos://a:hunter2@b.example\n",
        "the file must hold one line (the address or secret alone, without comments)",
    ),
}

# name -> (file, what it holds, how each of its errors begins)
TOGETHER = {
    "signs without words": (
        "rules.yaml", "rules:\n  - {name: أ, any: ['*', '+', '=', '']}\n",
        [f"2:{column}: any[{n}]: " for n, column in enumerate((21, 26, 31, 36))],
    ),
    "places, and one that is empty": (
        "rules.yaml", "rules:\n  - {name: أ, places: [مخمر, '', مخمور, كركووك]}\n",
        ["2:24: places[0]: no place", "2:30: places[1].name: must not", "2:41: places[3]: no pl"],
    ),
    "three channels": (
        "monitor.yaml",
        "channels:\n  a: {url: 5}\n  b: {url: 'foo://hunter2'}\n  c: {url_file: no, rat: 3}\n",
        [
            "2:12: channels.a.url: must be text: 5 needs quotes",
            "3:12: channels.b.url: unknown scheme foo://",
            "4:17: channels.c.url_file: there is no such file",
            "4:21: rat: unknown key (did you mean 'rate'?)",
        ],
    ),
    "a place and its distance": (
        "rules.yaml", "rules:\n  - {name: أ, near: {place: مخمر, km: 0}}\n",
        ["2:29: near.place: no place is called مخمر", "2:39: near.km: must be more than 0, not 0"],
    ),
    "hours by other keys": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', quiet: {start: 23:00, to: 07:00}}\n",
        ["2:33: channels.a.quiet.from: is missing", "2:34: start: unknown key (did you mean 'from"],
    ),
    "a rule without its list": (
        "rules.yaml", "name: أ\nany: [داعش]\n",
        ["1:1: name: unknown key (write 'rules:' above it, and '- ' before", "2:1: any: unknown"],
    ),
}  # fmt: skip

# What is read, and looks like a slip: name -> (file, what it holds, how the warning begins)
ODD = {
    "rules that look alike": (
        "rules.yaml",
        "rules:\n  - {name: أ ب, any: [داعش]}\n  - {name: أ  بـ, any: [غارة]}\n",
        "3:12: name: looks like the name at line 2, and is another (they differ in blanks,",
    ),
    "feeds that look alike": (
        "feeds.yaml",
        ("feeds:\n  - {name: خبر, url: 'http://a.example/1'}\n"
         "  - {name: خبَر, url: 'http://a.example/2'}\n"),
        "3:12: name: looks like the name at line 2, and is another",
    ),
    "channels that look alike": (
        "monitor.yaml", "channels:\n  desk: {url: 'console://'}\n  Desk: {url: 'console://'}\n",
        "3:3: channels.Desk: looks like the name at line 2, and is another",
    ),
    "a comma in an item": (
        "rules.yaml", "rules:\n  - {name: أ, any: ['داعش, غارة']}\n",
        "2:26: any[0]: , parts nothing: this is looked for as one phrase (write each as an item",
    ),
    "a bar in an item": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش|غارة]}\n", "2:25: any[0]: | parts nothing",
    ),
    "a minus before an item": (
        "rules.yaml", "rules:\n  - {name: أ, any: [غارة, -داعش]}\n",
        "2:27: any[1]: - excludes nothing: the word behind it is looked for (write it under none)",
    ),
    "NEAR without its slash": (
        "rules.yaml", "rules:\n  - {name: أ, query: داعش NEAR5 غارة}\n",
        "2:27: query: NEAR5 is a word to look for (the operator is NEAR/5)",
    ),
    "no channels": ("monitor.yaml", "", "1:1: no channels: alerts would go nowhere"),
}  # fmt: skip
