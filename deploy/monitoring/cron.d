# /etc/cron.d/dashscope-gateway: for machines without systemd timers; elsewhere dashscope-gateway-check.timer does it.
# A file of its own: root's crontab is left alone.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
* * * * * root /usr/local/bin/check-dashscope-gateway --all --failures 3 --restart >/dev/null 2>&1
