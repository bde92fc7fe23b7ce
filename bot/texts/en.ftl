### Everything the bot says, in English. Values are plain; no markup.

## Numbers

duration-seconds = { $seconds } s
duration-minutes = { $minutes } min { $seconds } s
duration-hours = { $hours } h { $minutes } min

## Answers, only to the one who asked

answer-charged = { $clips ->
    [one] Uses { $used } of { $limit } this month
   *[other] Costs { $clips } clips: { $used } of { $limit } are used this month
}
answer-free = Costs no clip
answer-takes = about { $duration }
answer-takes-moment = a moment
answer-takes-starting = about { $duration } once the worker has started
answer-ahead = { $ahead ->
    [0] you are next
   *[other] { $ahead } ahead of you
}
answer-known = This request is already on its way.
answer-cancelled = Cancelled. Nothing was charged.
answer-cancelling = Stopping. Nothing will be charged.
answer-too-late = It had already ended; there is nothing to cancel.
answer-deleted = Deleted.
answer-settings-saved = Saved.
answer-animates-parent = Your image becomes the first frame, with the prompt of the clip.
hint-empty-reply = Write what should change, for example “make it dusk, and slower”. An image alone becomes the first frame of a new clip.
hint-image-unused = A remix keeps the frames of its clip, so an image beside the words begins a new clip with them instead.
hint-start = Begin with /generate and what the clip should show. /help lists everything.

## A job on its way

status-queued = waiting
status-running = being made
status-succeeded = done
status-failed = failed
status-cancelled = cancelled
job-queued = { $ahead ->
    [0] Next in line
   *[other] { $ahead } ahead
}
job-cancelling = Stopping …
job-retry = The worker stopped; attempt { $attempt } …
job-starting = The worker is starting
job-eta = about { $duration } left
job-eta-moment = a moment left
job-eta-starting = then about { $duration }
job-cancelled = Cancelled. Nothing was charged.
job-deleted = This clip was deleted.
job-failed-refund = Nothing was charged.
job-linked = The clip is made, but this chat does not take it, however small. The link opens it until { DATETIME($until, dateStyle: "long") } (UTC); whoever has the link can watch.
job-unavailable = The clip is made, but it could not be posted here. /show { $id } brings it up.
stage-loading = Loading the model
stage-encoding = Reading the words
stage-denoising = Painting { $step } of { $total }
stage-decoding = Developing the frames
stage-packaging = Wrapping it up

## A clip

clip-line = { $seconds } s · { $size } · seed { $seed } · { $preset }
clip-remix-of = Remix of “{ $parent }”
clip-again-of = Another take of “{ $parent }”
# Where a prompt names what the small built-in model has never seen.
clip-unknown-words = This is the small built-in model, which knows only a picture book, and nothing of: { $words }. Whoever runs this bot can load a large one: see “Larger models” in its guide for operators, or threadreel models list.
clip-alt = Clip: { $text }
clip-too-large = This clip fits into nothing that this chat takes, however small it is made.
link-watch = Watch the clip
preview-alt = Blurred preview: { $text }

## Buttons

button-remix = Remix
button-again = Again
button-info = Info
button-cancel = Cancel
button-delete = Delete
button-branch = { $number }. Branch: { $text }
button-again-hint = The same once more, with another seed
button-info-hint = Seed, sizes, and what it was made from
confirm-delete = Delete this clip for everyone?
remix-title = Remix
remix-prompt = Or write the whole prompt anew
remix-text = What should change?
remix-placeholder = make it blue
remix-strength = How much may change?
remix-submit = Remix
strength-subtle = Subtle
strength-subtle-about = Keeps most of the picture
strength-mild = Mild
strength-mild-about = As usual
strength-strong = Strong
strength-strong-about = May change nearly everything

## Info, lists, settings, help

info-title = Info
account-title = You, this month
tree-title = { $count ->
    [one] One clip in this family
   *[other] { $count } clips in this family
}
info-id = Id
info-here = The newest clip here
info-status = State
info-author = Made by
info-prompt = Whole prompt
info-negative = Without
info-seed = Seed
info-strength = Strength
info-size = Size
info-native-size = Model's own size
info-length = Length
info-length-value = { $seconds } s · { $frames } frames at { $fps } a second
info-preset = Model
info-steps = Steps
info-parent = Made from
info-relatives = Family
info-relatives-value = { $count ->
    [one] one clip
   *[other] { $count } clips
}
info-took = Took
info-watermark = Watermark
info-visibility = Seen by
info-private = only you
info-yes = yes
info-no = no
queue-title = Your jobs
queue-empty = Nothing of yours is queued or running.
queue-running = { $stage } · { $percent } %
history-title = Your clips
history-found = Your clips with “{ $search }”
history-empty = No clips yet. Begin with /generate.
history-nothing-found = No clip of yours says “{ $search }”.
history-line = { $text } · { $seconds } s · seed { $seed }
history-more = There are more; /history with a word narrows it down.
settings-title = Settings
settings-tier = Tier
settings-tier-until = { $tier }, until { DATETIME($until, dateStyle: "long", timeStyle: "short") } (UTC)
settings-used = Clips this month
settings-used-value = { $used } of { $limit }, resets { DATETIME($resets, dateStyle: "long") } (UTC)
settings-limits-files = files of at most { $most }
settings-limits-rate = { $requests ->
    [one] one request
   *[other] { $requests } requests
} a minute
settings-lowered = { $limits } · lower in this server than elsewhere
settings-limits = Limits
settings-limits-value = clips of at most { $seconds } s{ $whose ->
    [model] { " " }(the model makes no longer ones; the tier allows { $most } s)
   *[tier] { "" }
} and { $resolution }p · { $jobs ->
    [one] one job
   *[other] { $jobs } jobs
} at once
settings-seconds = Usual length
settings-size = Usual size
settings-aspect = Usual shape
settings-language = Language
settings-default = as the tier has it
settings-language-default = as the chat has it
settings-hint = Change with /settings --seconds 5 --size 480p --ar 9:16 --language ja --timezone Asia/Tokyo; “default” takes one back.
help-title = What I can do
help-thread = Reply in a clip's thread in plain words to change it: “make it blue”. Replying to an older clip branches from that one.
help-options = Options stand behind the words: /generate a red ball --ar 9:16 --seconds 5 --no clouds. So does seconds:5. Beginning with / or -- shows what there is.
language-en = English
language-ja = 日本語

## Commands and options, for menus and completion

command-generate = Make a clip from words
command-animate = Bring an image to life: it becomes the first frame
command-remix = Change a clip: say what should be different
command-again = The same once more, with another seed
command-cancel = Stop a job of yours
command-info = Seed, sizes and origin of a clip
command-result = Your newest clip, also where it could not be posted
command-tree = The family of a clip, and branching from any of them
command-queue = Your waiting and running jobs
command-history = Your clips, newest first
command-show = Bring up a clip by its id
command-settings = Your tier, what is used, and your usual choices
command-help = What I can do
option-prompt = What the clip should show, or what should change
option-image = An image to begin with
option-seconds = How long, in seconds
option-size = 480p, 720p, 1080p, or exactly as 854x480
option-aspect_ratio = The shape: 16:9, 9:16 or 1:1
option-seed = The same seed gives the same clip again
option-negative_prompt = What the clip should not show
option-strength = How much may change: subtle, mild, strong, or 0 to 1
option-preset = Which model
option-private = Only you can see the clip
option-clip = Id of a clip, or “newest” for your own; else the newest of the thread
option-search = Words to look for
option-language = en or ja

## Options as they are typed, behind --

typed-prompt = prompt
typed-image = image
typed-seconds = seconds
typed-size = size
typed-aspect_ratio = ar
typed-seed = seed
typed-negative_prompt = no
typed-strength = strength
typed-preset = preset
typed-private = private
typed-clip = clip
typed-search = search
typed-language = language

## What is allowed

allowed-seconds = a number of seconds, such as 5
allowed-size = 480p, 720p or 1080p, or a size such as 854x480
allowed-resolution = 480p, 720p or 1080p
allowed-aspect = 16:9, 9:16 or 1:1
allowed-seed = a whole number from 0 to 2147483647
allowed-strength = subtle, mild or strong, or a number above 0 and up to 1
allowed-language = en or ja
allowed-switch = yes or no
allowed-clip = the id of a clip, or newest
allowed-preset = the name of a model
allowed-text = words
allowed-nothing = nothing may follow it
allowed-one-of-size-and-aspect = an exact size already has a shape; give one of the two
allowed-image-once = one image
allowed-file = a file in a folder that can be written
allowed-readable-file = an image file that can be read
allowed-identity = PLATFORM:NAME, such as discord:123456789012345678, slack:T024BE7LD:U024BE7LH or playground:mika
allowed-month = a month as 2026-11
allowed-range = { $low } to { $high }
allowed-preset-seconds = { $preset } makes { $low } to { $high } seconds
allowed-preset-shapes = { $preset } makes { $shapes }
allowed-preset-tokens = { $preset } reads at most { $count } tokens, and a word is one or two
allowed-up-to = up to { $high }
allowed-up-to-seconds = up to { $high } seconds
allowed-cancel-first = it is not finished; cancel it first
allowed-no-image = a remix keeps the frames of its clip; an image begins a new one, with /generate
allowed-even-short-side = an even number of pixels from { $low }, such as 480, 720 or 1080
allowed-even-sides = even sides from { $low } to { $high } pixels
allowed-near-shape = a shape near { $shapes }, as { $preset } makes
allowed-widest = sides of at most { $ratio } to 1
allowed-days = either --until, or --days with more than 0 and at most 3660
allowed-from-today = { $today } (today, UTC) or later
allowed-until = a day such as 2028-02-29, which still belongs to it, or a time with its zone such as 2028-02-29T18:00+09:00
allowed-until-or-days = either until or days, and at most 3660 days
allowed-reason-told = a reason of up to { $high } characters, which the member is told
allowed-reason-needed = why, in a few words
allowed-characters = up to { $high } characters
allowed-end = the end of something that is given or blocked
allowed-to-come = a time that is still to come
allowed-tier = one of { $tiers }

## Words inside of sentences

word-generate = making clips
word-animate = beginning with an image
word-remix = remixing
word-again = taking it again
word-extend = extending
word-loop = loops
word-recut = re-cutting
word-blend = blending
word-story = stories
word-negative-prompt = negative prompts
word-length = length
word-watermark = watermark
word-clip = clip
word-job = job
word-rendition = stored version
word-member = member
word-delete = delete
word-cancel = cancel
word-change = change
word-its-owner = its owner
word-an-operator = an operator
word-not-an-image = it is no image
word-damaged = it is damaged
word-too-many-pixels = it has too many pixels
word-too-slow = it takes too long to read
word-png-jpeg-or-webp = PNG, JPEG or WebP
word-smaller-megapixels-at-most-png-jpeg-or-webp = smaller (25 megapixels at most) PNG, JPEG or WebP
word-bytes = bytes
word-pixels = pixels
word-none = none
word-seconds = seconds
word-resolution = resolution
word-size = size
word-aspect-ratio = aspect ratio
word-strength = strength
word-seed = seed
word-reason = reason
word-until = until
word-days = days
word-month = month
word-prompt = prompt

## Errors, by their codes

error-lowered-here = {" "}That is lower in this server than elsewhere.
error-lifted = {" "}The tier { $tier } allows it.
error-error = Something went wrong on our side. It was noted.
error-rejected = This cannot be done.
error-invalid_value = { $name } cannot be “{ $value }”. Possible: { $allowed }.
error-missing-value = { $name } needs a value: { $allowed }.
error-prompt_empty = Say what the clip should show.
error-prompt_too_long = That is too long: { $length } characters, at most { $limit } are possible.
error-upload_invalid = This file cannot be used: { $reason }. Send a { $accepted } image.
error-upload_too_large = This file is too large: { $size } { $unit }, at most { $limit } are possible.
error-unknown_preset = There is no model “{ $preset }”. There are: { $known }.
error-unsupported = The model { $preset } is not capable of { $capability }. Models that are: { $presets }.
error-limit_exceeded = The tier { $tier } does not allow this.
error-quota_exceeded = The tier { $tier } has { $limit } clips a month, and { $used } are used{ $asked ->
    [one] {""}
   *[other] {""}; this one costs { $asked }
}. It resets on { DATETIME($resets, dateStyle: "long") } (UTC).
error-too_many_jobs = The tier { $tier } allows { $limit ->
    [one] one job
   *[other] { $limit } jobs
} at once, and { $running ->
    [one] one is
   *[other] { $running } are
} queued or running. Wait for it, or cancel it.
error-rate_exceeded = The tier { $tier } takes { $limit ->
    [one] one request
   *[other] { $limit } requests
} a minute. Try again in { $retry_after } s.
error-upload_bytes_exceeded = The tier { $tier } takes files of at most { $limit }; this one has { $asked }.
error-references_exceeded = The tier { $tier } takes { $limit ->
    [0] no references for a clip
    [one] at most one reference for a clip
   *[other] at most { $limit } references for a clip
}; here are { $asked }.
error-seconds_exceeded = The tier { $tier } makes clips of at most { $limit } s; { $asked } s were asked for.
error-resolution_exceeded = The tier { $tier } makes clips of at most { NUMBER($limit, useGrouping: 0) }p; { NUMBER($asked, useGrouping: 0) }p was asked for.
error-too_many_schedules = The tier { $tier } keeps { $limit ->
    [one] one clip
   *[other] { $limit } clips
} asked for in advance. /schedule lists yours, and cancels one.
error-operation_not_in_tier = The tier { $tier } does not include { $operation }.
error-latents_gone = What a remix of { $clip } would begin from is no longer kept. /again makes another take of it; /generate with its words begins anew.
error-not_found = There is no { $what } “{ $id }”.
error-not_allowed = Only { $who } may { $action } this.
error-link_invalid = This link is not one of ours, or it is incomplete. /result and /show bring the clip up again.
error-link_expired = This link has expired. /result and /show bring the clip up again.
error-unauthorized = The bot's key to the service is wrong. The operator must look after it.
error-engine_error = The model failed on this clip.
error-model_not_here = The model { $preset } is not on this machine. Nothing was charged. Whoever runs it can mend this: { $mend }
error-model_missing = The model could not be loaded. The operator must look after it.
error-out_of_memory = The device has too little memory for this clip. A smaller or shorter one may work.
error-device_fault = The device failed. Another try may work.
error-render_failed = This clip could not be made.
error-over_limit = The clip came out with another { $what } than your tier allows, so it is not shown to anybody. Nothing was charged. Whoever runs this sees why in the log.
error-attempts_exhausted = It was tried { $attempts } times and did not succeed.
error-service_unavailable = The studio cannot be reached right now. Nothing was charged; try again in a moment.
error-delivery_error = The chat did not take the post.
error-lease_lost = The job was taken over by another worker.
error-tier_ended = The tier { $tier } has just ended. Ask once more.
error-cancelled = Cancelled. Nothing was charged.
error-unknown_command = There is no command /{ $command }. /help lists them all.
error-unknown_command-nearest = There is no command /{ $command }. Did you mean /{ $nearest }?
error-unknown_option = There is no option { $option }. There are: { $known }.
error-unknown_option-nearest = There is no option { $option }. Did you mean { $nearest }?
error-option_repeated = { $option } is given twice; once is enough.
error-clip_needed = Say which clip: in its thread, by its id, such as --clip clip_0123456789abcdef, or --clip newest for your own newest. /history lists yours.
error-clip_not_ready = The clip { $id } is not there to work on: { $status }.
error-nothing_to_cancel = Nothing of yours is queued or running.
error-image_needed = Attach an image: it becomes the first frame.
error-no_result = No clip of yours is finished yet. /queue shows what is on its way.
error-cannot_post = I may not post a clip here. Missing: { $permissions }. Nothing was charged; a server manager can allow it.
error-nothing_in_advance = Nothing can be posted here later, for I am no member of this place. Ask for it where I am, or in a direct message to me.
error-not_invited = I am not in this channel, so I could not post the clip. Write /invite @threadreel here (or my name in this workspace) and ask again. Nothing was charged.
error-files_unreadable = Slack does not give me this file. Someone who manages the app can look at its scope files:read. Nothing was charged.
error-page_misread = The bot did not understand this page. Reload it and try again.
error-page_gone = This message is gone.
error-page_foreign = Only the bot's own page may ask this.
error-button_unknown = This button is from another version. Write instead: /help tells how.

## Discord

words-hidden = The server's AutoMod keeps the words from being shown. The clip is the same.
words-hidden-alt = A clip; its words are not shown here
dm-closed = { $member }, what is yours alone cannot be sent to you: your direct messages are closed. Once the clip is made, /result shows it to you alone.
restarting = I am restarting. Nothing was charged; please ask again in a minute.
thread-hint = I cannot read plain messages on this server. To change the clip: mention me with your words, reply to my message with the ping on, press Remix, or use /remix here.
menu-remix = Remix this clip
menu-info = Clip info
menu-reference = Use as reference
no-clip-here = There is no clip of mine in this message.
no-image-here = There is no image in this message.
reference-title = Use as reference
reference-text = What should happen in the clip?
reference-submit = Make the clip
reference-gone = I no longer have this image at hand. Please choose it again.
bookmark = ⭐ { $link }
button-sure = Yes, { $label }
permission-view_channel = View Channel
permission-send_messages = Send Messages
permission-send_messages_in_threads = Send Messages in Threads
permission-attach_files = Attach Files
permission-read_message_history = Read Message History
permission-create_public_threads = Create Public Threads
permission-embed_links = Embed Links
choice-default = back to the usual

## Slack

slack-in-thread = The clip is in the thread
slack-sent-direct = I have sent it to your direct messages with me.
slack-files-direct = The picture and the table as a file are in your direct messages with me.
slack-files-not-sent = The picture and the table as a file could not be sent to your direct messages.
slack-no = Cancel
slack-close = Close
slack-wait = One moment …
slack-expired = That took Slack too long, and the form could not be opened. Press once more.
slack-open = Open the form
slack-no-threads = Slack knows no commands in threads. There, simply write what should change.
slack-admin-help = What managers of this workspace and operators may type after /threadreel admin:
    usage [@member] [2026-11] [by member, server, month or tier]
    audit [@member]
    grant @member TIER [everywhere] [until 2028-02-29, or days 14] [reason]
    revoke @member [everywhere] [reason]
    block @member [everywhere] [until 2028-02-29, or days 14] [reason]
    unblock @member [everywhere] [reason]
    refund CLIP or @member, reason
    reset @member [reason]
    Without “everywhere” it holds in this workspace; everywhere is for operators alone.
house-title = For those who manage this workspace
house-nothing = Nothing was decided for this workspace yet.
house-server = Workspace
house-channel = A channel
house-member = A member
house-group = A user group
house-act = What to do
house-submit = Save
house-refund = Refund …
house-usage = Usage
house-audit = Audit log
house-show = Show
house-month = Month
house-by-month = All months side by side
house-clip = Id of the one clip to refund; without it all that the member spent this month
house-days = For how many days a block or a tier holds; left empty it stays
house-reason = Reason
allowed-admin-member = a member, as @name, by their user ID, or as PLATFORM:USER. If your app sends no names, switch on “Escape channels, users, and links” for its command /threadreel
allowed-admin-tier = the name of a tier, or none
allowed-admin-by = member, server, month or tier
allowed-admin-before-reason = before the reason; a reason with this word in it begins with the word reason
allowed-admin-once = named once
allowed-admin-usage = a member, a month as 2026-11, or by member, server, month or tier
allowed-admin-audit = a member, and nothing else
house-by = A line for each
house-files = Also as a picture and as CSV, in your direct messages
allowed-house-days = empty, unless you block someone or give a tier
allowed-house-reason = empty, unless you block, unblock, give or take a tier, or give a month back
allowed-house-refund = either a member or the id of a clip
option-group = All who are in this user group
allowed-user-groups = a user group that I may see; the scope usergroups:read shows them to me
button-favourite = Favourite
generate-title = Make a clip
generate-submit = Make the clip
command-submit = Go

## Managers of a server

command-admin = What the managers of this server decide
command-admin-server = What holds in the whole server, and its usual choices
command-admin-channel = What holds in one channel
command-admin-usage = What a member used this month, or who used what
command-admin-block = Take no requests of a member here
command-admin-unblock = Take a member's requests again
command-admin-tier = Give a tier to a member or to a role, in this server
command-admin-reset = Give a member back what they spent this month
command-admin-limits = What is lower here than tiers have it
option-limits-channel = Only in this channel; without it in the whole server
option-limit-seconds = Longest clip in seconds; 0 takes it back
option-limit-size = Largest size
option-limit-clips = Clips a month after which nobody gets more here; 0 takes it back
option-limit-jobs = Clips on their way at once; 0 takes it back
option-limit-watermark = Whether every clip made here bears the mark
policy-limits = Lower than in tiers
policy-as-tiers = nothing
lowered-seconds = clips of at most { $most } s
lowered-size = at most { $most }p
lowered-clips = at most { $most } clips a month
lowered-jobs = at most { $most } at once
lowered-watermark = with the mark
house-limits = Lower limits
allowed-whole = a whole number
option-use = Whether clips may be asked for
option-spoiler = Whether clips are covered until they are pressed
option-threads = When a clip's thread is opened
option-default-seconds = Usual length in seconds, for who chose none; 0 takes it back
option-default-size = Usual size, for who chose none
option-default-aspect = Usual shape, for who chose none
option-default-timezone = The time zone in which times are meant, for who chose none
option-default-language = The language in which members are answered who chose none
option-channel = Which channel; this one, if none is named
option-member = Who
option-role = All who hold this role
option-tier = Which tier
choice-yes = yes
choice-no = no
choice-inherit = as the server, or as usual
choice-no-tier = none: take it back
threads-on_remix = on the first remix
threads-at_once = at once
policy-server-title = In this server
policy-channel-title = In #{ $channel }
policy-usable = Clips may be asked for
policy-spoiler = Clips are covered
policy-threads = Thread
policy-as-server = as the server
policy-as-usual = as usual
settings-of-server = { $value } (the server's)
standing-given = Given here
standing-under-way = On their way
standing-blocked = Blocked here
admin-blocked = { $name } can no longer ask for clips in this server. What they made stays theirs.
admin-unblocked = { $name } can ask for clips in this server again.
admin-blocked-everywhere = { $name } can no longer ask for clips, anywhere. What they made stays theirs; what was under way is cancelled and costs nothing.
admin-unblocked-everywhere = { $name } can ask for clips again.
admin-granted = { $name }: { $tier }, everywhere.
admin-revoked = { $name }: nothing is granted any more. Purchases, roles and managers decide again.
admin-reset = { $name } was given back what they spent this month.
admin-tier-given = { $name }: { $tier }, in this server. What the operator granted goes before it.
admin-tier-taken = { $name }: nothing is given in this server any more.
admin-refunded = { $clips ->
    [one] One clip was given back.
   *[other] { $clips } clips were given back.
 }
admin-usage-title = Who used what in { $month }
admin-usage-months = What was used each month
admin-usage-row = { $name }: { $clips ->
    [one] one clip
   *[other] { $clips } clips
 }
admin-usage-all = { $title }, on all servers
admin-usage-direct = { $platform }, direct messages
admin-usage-none = Nobody used anything.
admin-audit-title = Who did what
admin-audit-none = Nothing yet.
admin-everywhere = everywhere
admin-because = because: { $reason }
admin-more = … and { $count } more
command-admin-refund = Give back what a clip cost, or what a member spent this month
command-admin-audit = Who decided what here
option-refund-clip = Id of the clip, clip_…
option-reason = Why; written down, and told to whoever it is about
option-days = For how many days; without it until it is taken back
option-until = The last day, as 2028-02-29 (UTC), or a time with its zone; instead of days
option-everywhere = On all servers and chats, not here alone; for operators of this deployment
option-why = Why; it stands in the audit log
command-admin-grant = Give a member a tier, in this server or everywhere
command-admin-revoke = Take a member's tier back, in this server or everywhere
option-month = As 2026-11; without it this month
option-audit-member = Only what they did, or what was done to them
option-usage-member = One member; without it all of this server, and for operators of all servers
option-usage-by = What a line stands for
usage-by-member = by member
usage-by-server = by server
usage-by-month = by month
usage-by-tier = by tier
allowed-clip-or-member = a clip or a member, one of the two
allowed-member-or-role = a member or a role, one of the two
word-a-server-manager = a manager of the server
error-place_closed = Clips cannot be asked for here: the server's managers closed this place.
error-member_blocked = The server's managers have blocked you from asking for clips here.
error-operators_only = Only an operator of this deployment may do that.
error-server_not_trusted = The operator has not let the managers of this server do that: setting tier_managers, { $server }.
error-nothing_to_undo = { $missing ->
    [block] { $identity } was not blocked
   *[grant] { $identity } has no grant
}: nothing was changed.
error-already_given_back = What { $job } cost was given back before.
error-blocked-until = It ends { DATETIME($until, dateStyle: "medium", timeStyle: "short") } UTC.
error-blocked-reason = They say: { $reason }

## Members: status

settings-status = Standing
standing-suspended = suspended until { DATETIME($until, dateStyle: "long", timeStyle: "short") } (UTC): { $reason }
standing-banned = banned: { $reason }
error-member_suspended = You cannot ask for clips until { DATETIME($until, dateStyle: "long", timeStyle: "short") } (UTC). Reason: { $reason }. What you have made stays yours.
error-member_banned = You cannot ask for clips any more. Reason: { $reason }. What you have made stays yours.
error-member_changed = Your account changed in this very moment. Nothing was charged; please ask once more.

## Members: several chats, one account

command-link = Make one account of this one and yours in another chat
command-unlink = See which chats are one account, and take one out
option-code = The code that the other chat gave you
option-identity = Which one, as /unlink lists them; “this” for the one you are using
typed-code = code
typed-identity = identity
allowed-code = the eight letters that /link gave you elsewhere
allowed-identity-of-yours = one that /unlink lists, or this
link-code = Your code: { $code }. Type /link { $code } in the other chat, as yourself there, before { DATETIME($until, timeStyle: "short") } ({ $zone }): both become one account, with one month and one history, private clips included. Show it to nobody, and type none that somebody else gave you.
link-done = Linked. You are one account now: { $identities }. What both used this month is added up: { $used } of { $limit }. Is one of them not you? /unlink this takes you out again, with what is yours.
unlink-title = Your account
unlink-none = Only this one. /link makes one account of several chats.
unlink-how = /unlink and one of these takes it out; /unlink this means the one you are using. What was made by its words goes with it, and all share what is left of this month.
unlink-done = { $identity } is an account of its own now. What was made by its words went with it; what is left of this month is shared to its end.
unlink-this = (this one)
word-operators = an operator's account is nobody's in particular
word-already-one = they are one account already
word-blocked = one of them is suspended or banned
word-the-only-one = it is the only one
word-not-yours = it is none of yours
error-link_code_invalid = This code is none of ours, or it was used, or it came too late. /link in the other chat gives a new one.
error-too_many_tries = Too many codes were tried. Try again after { DATETIME($until, dateStyle: "long", timeStyle: "short") } (UTC).
error-cannot_link = These accounts cannot be linked: { $reason }.
error-cannot_unlink = { $identity } cannot be taken out: { $reason }.

## Members: what is stored, and forgetting it

command-mydata = All that is stored of you, as a file for you alone
command-forgetme = Delete all that is stored of you
mydata-here = All that is stored of you: your account, settings, jobs and clips with their words, what they cost, and where they were posted. What did not fit into the file is listed in left_out.json by its ids; /show brings each of them up.
forgetme-title = Delete everything?
forgetme-what = Your clips with their files, your prompts, uploads, settings, schedules and links are deleted, in every chat that is linked to this one, and your posts say that they are gone. What is on its way is cancelled. Nobody can undo it. /mydata hands everything over before.
forgetme-stays = What stays are figures without a name. Should you come again you are somebody new; what you used this month counts until it ends.
forgetme-sure = Delete everything
forgetme-done = Everything of you is being deleted. The messages of your clips will say so in a moment.

## Clips asked for in advance, and notices

command-schedule = Have a clip made at a time, or again and again; alone: what you have asked for
option-when = When: tomorrow 9:00, in 2 hours, every monday 9:00, 2026-12-01 09:00
option-cancel = What to take back, by its id
option-timezone = Your time zone, such as Asia/Tokyo
typed-when = when
typed-cancel = cancel
typed-timezone = timezone
allowed-when = a time such as tomorrow 9:00, in 2 hours, every monday 9:00, 2026-12-01 09:00, or a line of crontab such as 0 9 * * mon
allowed-schedule = an id that /schedule lists
allowed-timezone = a time zone such as Europe/Berlin, Asia/Tokyo or UTC
allowed-within-a-year = a time to come, at most a year from now
allowed-hourly = at least an hour between two times
allowed-some-day = a time that comes some day
allowed-cron = five fields as in crontab: minute, hour, day of the month, month, day of the week; such as 0 9 * * mon
allowed-one-kind-of-day = a day of the month or a day of the week, and * for the other
allowed-words-alone = no image: words alone can be asked for in advance
settings-timezone = Time zone
schedule-kept = { $id }: it will be made at { DATETIME($at, dateStyle: "full", timeStyle: "short") } ({ $zone }).
schedule-kept-ended = { $id } has been made already.
schedule-repeats = Then again: { $rule }.
schedule-charged = It is charged when it is made, by your tier and your month at that time. /schedule lists what is to come, /schedule cancel and its id takes it back.
schedule-no-zone = Times are meant in UTC: /settings --timezone Asia/Tokyo sets yours.
schedule-cancelled = { $id } is cancelled. Nothing was charged.
schedule-suspended = suspended: it was refused three times in a row
schedule-at = next { DATETIME($at, dateStyle: "medium", timeStyle: "short") } ({ $zone })
schedules-title = Asked for in advance
schedules-none = Nothing. /schedule a red balloon over the sea --when tomorrow 9:00
schedules-rest = Your tier makes none of these any more: { $tier } does.
schedules-hint = /schedule cancel and an id takes one back.
rule-daily = every day at { $at }
rule-workdays = Monday to Friday at { $at }
rule-weekly = every { $days } at { $at }
rule-cron = by { $cron }
rule-and = {" and "}
weekday-mon = Monday
weekday-tue = Tuesday
weekday-wed = Wednesday
weekday-thu = Thursday
weekday-fri = Friday
weekday-sat = Saturday
weekday-sun = Sunday
notice-clips_are_back-title = Your clips are back
notice-clips_are_back = A new month has begun. /info shows how many clips it has for you.
notice-schedule_refused-title = A clip that you asked for in advance was not made
notice-schedule_refused = “{ $prompt }” ({ $id }), { DATETIME($at, dateStyle: "medium", timeStyle: "short") }: { $reason } Nothing was charged. /schedule lists what is still to come.
notice-schedule_missed-title = A clip that you asked for in advance was left out
notice-schedule_missed = “{ $prompt }” ({ $id }) was to be made at { DATETIME($at, dateStyle: "medium", timeStyle: "short") }, when threadreel was switched off for too long. Nothing was charged. /schedule lists what is still to come.
notice-schedule_suspended-title = A clip that you asked for in advance is suspended
notice-schedule_suspended = “{ $prompt }” ({ $id }) was refused three times in a row, the last time because: { $reason } Nothing was charged. Ask for it again with /schedule when that has changed.
word-schedule = schedule
