### ボットが話すことばのすべて（日本語）。値はそのままの文字で、装飾はない。

## 数

duration-seconds = { $seconds }秒
duration-minutes = { $minutes }分{ $seconds }秒
duration-hours = { $hours }時間{ $minutes }分

## 本人だけに見える返事

answer-charged = { $clips ->
    [1] 今月{ $limit }本のうち{ $used }本目です
   *[other] { $clips }本分です。今月{ $limit }本のうち{ $used }本になりました
}
answer-free = 本数は減りません
answer-takes = 約{ $duration }
answer-takes-moment = まもなく
answer-takes-starting = 準備ができてから約{ $duration }
answer-ahead = { $ahead ->
    [0] 次に始まります
   *[other] { $ahead }件待ち
}
answer-known = この依頼はすでに受け付けています。
answer-cancelled = 取り消しました。本数は減っていません。
answer-cancelling = 止めています。本数は減りません。
answer-too-late = すでに終わっているため、取り消すものはありません。
answer-deleted = 削除しました。
answer-settings-saved = 保存しました。
answer-animates-parent = 画像を最初のフレームにして、元のクリップのことばで作ります。
hint-empty-reply = 変えたいところを書いてください。例：「夕暮れにして、もっとゆっくり」。画像だけを送ると、それが新しいクリップの最初のフレームになります。
hint-image-unused = リミックスは元のフレームを使うため、ことばと画像を一緒に送ると、画像から始まる新しいクリップになります。
hint-start = /generate のあとに、見たいものを書いてください。/help で使い方の一覧が出ます。

## 進行中の依頼

status-queued = 待機中
status-running = 制作中
status-succeeded = 完成
status-failed = 失敗
status-cancelled = 取り消し
job-queued = { $ahead ->
    [0] 次に始まります
   *[other] { $ahead }件待ち
}
job-cancelling = 止めています…
job-retry = 作業が途切れたため、{ $attempt }回目を始めています…
job-starting = 作る側を起動しています
job-eta = 残り約{ $duration }
job-eta-moment = まもなく
job-eta-starting = そのあと約{ $duration }
job-cancelled = 取り消しました。本数は減っていません。
job-deleted = このクリップは削除されました。
job-failed-refund = 本数は減っていません。
job-linked = クリップはできましたが、小さくしてもこのチャットには載せられません。リンクから{ DATETIME($until, dateStyle: "long") }（UTC）まで見られます。リンクを知っている人は誰でも見られます。
job-unavailable = クリップはできましたが、ここに投稿できませんでした。/show { $id } で見られます。
stage-loading = モデルを読み込んでいます
stage-encoding = ことばを読んでいます
stage-denoising = 描いています { $step }/{ $total }
stage-decoding = フレームを現像しています
stage-packaging = 仕上げています

## クリップ

clip-line = { $seconds }秒 · { $size } · シード { $seed } · { $preset }
clip-remix-of = 「{ $parent }」のリミックス
clip-again-of = 「{ $parent }」の別テイク
# 内蔵の小さなモデルが知らないものが書かれているとき。
clip-unknown-words = これは内蔵の小さなモデルで、絵本の世界しか知りません。知らない言葉：{ $words }。このボットの運営者は大きなモデルを使えるようにできます（運営者向けガイドの “Larger models”、または threadreel models list）。
clip-alt = クリップ：{ $text }
clip-too-large = このクリップは、小さくしてもこのチャットには載せられません。
link-watch = クリップを見る
preview-alt = ぼやけた途中経過：{ $text }

## ボタン

button-remix = リミックス
button-again = もう一度
button-info = 情報
button-cancel = 取り消す
button-delete = 削除
button-branch = { $number } から分岐：{ $text }
button-again-hint = 同じ内容を別のシードで
button-info-hint = シード、サイズ、元になったもの
confirm-delete = このクリップを全員から見えなくしますか？
remix-title = リミックス
remix-prompt = またはプロンプト全体を書き直す
remix-text = どこを変えますか？
remix-placeholder = 青くして
remix-strength = どのくらい変えますか？
remix-submit = リミックス
strength-subtle = 弱め
strength-subtle-about = 絵の大部分を残します
strength-mild = ふつう
strength-mild-about = いつもの強さです
strength-strong = 強め
strength-strong-about = ほぼすべてが変わることもあります

## 情報・一覧・設定・使い方

info-title = 情報
account-title = あなたの今月
tree-title = この家系のクリップ：{ $count }本
info-id = ID
info-here = ここの最新のクリップ
info-status = 状態
info-author = 作った人
info-prompt = 全文
info-negative = 除くもの
info-seed = シード
info-strength = 強さ
info-size = サイズ
info-native-size = モデル本来のサイズ
info-length = 長さ
info-length-value = { $seconds }秒 · { $frames }フレーム、毎秒{ $fps }
info-preset = モデル
info-steps = ステップ数
info-parent = 元のクリップ
info-relatives = 家族
info-relatives-value = { $count }本
info-took = かかった時間
info-watermark = 透かし
info-visibility = 見える人
info-private = 本人だけ
info-yes = あり
info-no = なし
queue-title = あなたの依頼
queue-empty = 待っている依頼も制作中の依頼もありません。
queue-running = { $stage } · { $percent }%
history-title = あなたのクリップ
history-found = 「{ $search }」を含むあなたのクリップ
history-empty = まだクリップがありません。/generate で始めましょう。
history-nothing-found = 「{ $search }」を含むあなたのクリップはありません。
history-line = { $text } · { $seconds }秒 · シード { $seed }
history-more = まだあります。/history のあとにことばを書くと絞り込めます。
settings-title = 設定
settings-tier = ティア
settings-tier-until = { $tier }（{ DATETIME($until, dateStyle: "long", timeStyle: "short") }（UTC）まで）
settings-used = 今月の本数
settings-used-value = { $limit }本のうち{ $used }本。{ DATETIME($resets, dateStyle: "long") }（UTC）に戻ります
settings-limits-files = ファイルは{ $most }まで
settings-limits-rate = 1分に{ $requests }回まで
settings-lowered = { $limits }（このサーバーでは、ほかの場所より低くなっています）
settings-limits = 上限
settings-limits-value = 1本{ $seconds }秒{ $whose ->
    [model] （モデルの上限。ティアでは{ $most }秒まで）
   *[tier] { "" }
}、{ $resolution }pまで · 同時に{ $jobs }件
settings-seconds = いつもの長さ
settings-size = いつものサイズ
settings-aspect = いつもの縦横比
settings-language = 言語
settings-default = ティアの標準
settings-language-default = チャットの言語
settings-hint = 変えるには /settings --秒 5 --サイズ 480p --縦横比 9:16 --言語 ja --タイムゾーン Asia/Tokyo。「既定」で元に戻ります。
help-title = できること
help-thread = クリップのスレッドにふつうのことばで返信すると変えられます（例：「青くして」）。前のクリップに返信すると、そこから枝分かれします。
help-options = ことばのあとに指定を書けます：/生成 赤い玉 --縦横比 9:16 --秒 5 --なし 雲。秒:5 の形でも書けます。/ や -- を打つと一覧が出ます。
language-en = English
language-ja = 日本語

## コマンドと指定（メニューと補完用）

command-generate = ことばからクリップを作る
command-animate = 画像を最初のコマにして動かす
command-remix = クリップを変える：どこを変えるかを書く
command-again = 同じ内容を別のシードでもう一度
command-cancel = 自分の依頼を止める
command-info = クリップのシード、サイズ、由来
command-result = 最新のクリップを出す（投稿できなかったものも）
command-tree = クリップの家系を見て、どれからでも分岐する
command-queue = 自分の待機中・制作中の依頼
command-history = 自分のクリップを新しい順に
command-show = IDでクリップを呼び出す
command-settings = ティアと使った本数、いつもの指定
command-help = できること
option-prompt = 見たいもの、または変えたいところ
option-image = 始まりの画像
option-seconds = 長さ（秒）
option-size = 480p、720p、1080p、または 854x480 のような正確なサイズ
option-aspect_ratio = 縦横比：16:9、9:16、1:1
option-seed = 同じシードなら同じクリップになる
option-negative_prompt = 映したくないもの
option-strength = 変える強さ：弱、中、強、または 0〜1
option-preset = どのモデルで作るか
option-private = 自分だけが見られるようにする
option-clip = クリップのID、または自分の「最新」。省くとスレッドの最新のもの
option-search = 探すことば
option-language = en または ja

## 打つときの指定の名前（-- のあと）

typed-prompt = 指示
typed-image = 画像
typed-seconds = 秒
typed-size = サイズ
typed-aspect_ratio = 縦横比
typed-seed = シード
typed-negative_prompt = なし
typed-strength = 強さ
typed-preset = モデル
typed-private = 非公開
typed-clip = クリップ
typed-search = 検索
typed-language = 言語

## 指定できる値

allowed-seconds = 5 のような秒数
allowed-size = 480p、720p、1080p、または 854x480 のようなサイズ
allowed-resolution = 480p、720p、1080p
allowed-aspect = 16:9、9:16、1:1
allowed-seed = 0 から 2147483647 までの整数
allowed-strength = 弱、中、強、または 0 より大きく 1 以下の数
allowed-language = en または ja
allowed-switch = はい または いいえ
allowed-clip = クリップのID、または「最新」
allowed-preset = モデルの名前
allowed-text = ことば
allowed-nothing = あとには何も書けません
allowed-one-of-size-and-aspect = 正確なサイズには縦横比が含まれるため、どちらか一方
allowed-image-once = 画像1枚
allowed-file = 書き込めるフォルダーの中のファイル
allowed-readable-file = 読み込める画像ファイル
allowed-identity = discord:123456789012345678、slack:T024BE7LD:U024BE7LH、playground:mika のような「プラットフォーム:名前」
allowed-month = 2026-11 のような年月
allowed-range = { $low } から { $high } まで
allowed-preset-seconds = { $preset } では { $low } から { $high } 秒
allowed-preset-shapes = { $preset } では { $shapes }
allowed-preset-tokens = { $preset } が読めるのは { $count } トークンまで（1語は1〜2トークン）
allowed-up-to = { $high } まで
allowed-up-to-seconds = { $high } 秒まで
allowed-cancel-first = まだ終わっていないため、先に取り消してください
allowed-no-image = リミックスは元のフレームを使うため、画像は /generate で新しいクリップに
allowed-even-short-side = { $low } 以上の偶数のピクセル数（480、720、1080 など）
allowed-even-sides = 縦横とも { $low } から { $high } までの偶数のピクセル数
allowed-near-shape = { $preset } が作れる { $shapes } に近い形
allowed-widest = 縦横の比が { $ratio } 対 1 まで
allowed-days = --until か --days のどちらか。--days は0より大きく3660まで
allowed-from-today = { $today }（今日、UTC）以降
allowed-until = 2028-02-29 のような日付（その日を含みます）、または 2028-02-29T18:00+09:00 のような時差つきの時刻
allowed-until-or-days = 期限か日数のどちらか。日数は3660まで
allowed-reason-told = { $high } 文字までの理由（本人に伝わります）
allowed-reason-needed = 短い理由
allowed-characters = { $high } 文字まで
allowed-end = 付けたもの、またはブロックの終わり
allowed-to-come = これから来る時刻
allowed-tier = { $tiers } のどれか

## 文の中のことば

word-generate = クリップの生成
word-animate = 画像から始めること
word-remix = リミックス
word-again = もう一度作ること
word-extend = 延長
word-loop = ループ
word-recut = 再カット
word-blend = ブレンド
word-story = ストーリー
word-negative-prompt = ネガティブプロンプト
word-length = 長さ
word-watermark = 透かし
word-clip = クリップ
word-job = 依頼
word-rendition = 保存された版
word-member = メンバー
word-delete = 削除
word-cancel = 取り消し
word-change = 変更
word-its-owner = 作った本人
word-an-operator = 管理者
word-not-an-image = 画像ではありません
word-damaged = 壊れています
word-too-many-pixels = ピクセル数が多すぎます
word-too-slow = 読み込みに時間がかかりすぎます
word-png-jpeg-or-webp = PNG・JPEG・WebP
word-smaller-megapixels-at-most-png-jpeg-or-webp = 2500 万ピクセル以下の PNG・JPEG・WebP
word-bytes = バイト
word-pixels = ピクセル
word-none = なし
word-seconds = 秒数
word-resolution = 解像度
word-size = サイズ
word-aspect-ratio = 縦横比
word-strength = 強さ
word-seed = シード
word-reason = 理由
word-until = 期限
word-days = 日数
word-month = 月
word-prompt = プロンプト

## エラー（コード順）

error-lowered-here = {""}このサーバーでは、ほかの場所より低くなっています。
error-lifted = ティア { $tier } ならできます。
error-error = こちらで問題が起きました。記録しました。
error-rejected = これはできません。
error-invalid_value = { $name } に「{ $value }」は使えません。使えるのは、{ $allowed }。
error-missing-value = { $name } には値が必要です：{ $allowed }。
error-prompt_empty = 見たいものを書いてください。
error-prompt_too_long = 長すぎます。{ $length }文字ありますが、{ $limit }文字までです。
error-upload_invalid = このファイルは使えません（{ $reason }）。{ $accepted } の画像を送ってください。
error-upload_too_large = このファイルは大きすぎます。{ $size }{ $unit }ありますが、{ $limit }までです。
error-unknown_preset = 「{ $preset }」というモデルはありません。あるのは、{ $known }。
error-unsupported = モデル { $preset } は{ $capability }ができません。できるモデル：{ $presets }。
error-limit_exceeded = ティア { $tier } ではできません。
error-quota_exceeded = ティア { $tier } は月{ $limit }本までで、{ $used }本使いました{ $asked ->
    [1] {""}
   *[other] {""}（これは{ $asked }本分です）
}。{ DATETIME($resets, dateStyle: "long") }（UTC）に戻ります。
error-too_many_jobs = ティア { $tier } は同時に{ $limit }件までで、{ $running }件が待機中または制作中です。終わるのを待つか、取り消してください。
error-rate_exceeded = ティア { $tier } は1分に{ $limit }回までです。{ $retry_after }秒後にもう一度お試しください。
error-upload_bytes_exceeded = ティア { $tier } のファイルは{ $limit }までです（これは{ $asked }）。
error-references_exceeded = ティア { $tier } では、1本に参照を{ $limit }点まで付けられます（指定は{ $asked }点）。
error-seconds_exceeded = ティア { $tier } は1本{ $limit }秒までです（指定は{ $asked }秒）。
error-resolution_exceeded = ティア { $tier } は{ NUMBER($limit, useGrouping: 0) }pまでです（指定は{ NUMBER($asked, useGrouping: 0) }p）。
error-too_many_schedules = ティア { $tier } の予約は{ $limit }件までです。/schedule で一覧を見て、取り消せます。
error-operation_not_in_tier = ティア { $tier } に{ $operation }は含まれません。
error-latents_gone = { $clip } のリミックスの元になるデータは、もう保存されていません。/again で別のテイクを、/generate で同じことばから新しく作れます。
error-not_found = { $what }「{ $id }」はありません。
error-not_allowed = これを{ $action }できるのは、{ $who }だけです。
error-link_invalid = このリンクは正しくないか、途中で切れています。/result か /show でもう一度クリップを出せます。
error-link_expired = このリンクは期限が切れました。/result か /show でもう一度クリップを出せます。
error-unauthorized = ボットがサービスに使う鍵が正しくありません。管理者の対応が必要です。
error-engine_error = モデルがこのクリップに失敗しました。
error-model_not_here = モデル { $preset } はこのマシンにありません。本数は減っていません。動かしている人はこうすると直せます：{ $mend }
error-model_missing = モデルを読み込めませんでした。管理者の対応が必要です。
error-out_of_memory = このクリップにはメモリが足りません。小さく、または短くするとできるかもしれません。
error-device_fault = 機器に障害が起きました。もう一度試すとできるかもしれません。
error-render_failed = このクリップは作れませんでした。
error-over_limit = できあがったクリップの{ $what }がティアの範囲と違っていたため、どこにも出しません。本数は減っていません。運営者はログで理由を確かめられます。
error-attempts_exhausted = { $attempts }回試しましたが、できませんでした。
error-service_unavailable = いまスタジオにつながりません。本数は減っていません。少したってからもう一度お試しください。
error-delivery_error = チャットに投稿できませんでした。
error-lease_lost = この依頼は別の作業者が引き継ぎました。
error-tier_ended = ティア { $tier } の期限がちょうど切れました。もう一度お試しください。
error-cancelled = 取り消しました。本数は減っていません。
error-unknown_command = /{ $command } というコマンドはありません。/help で一覧が出ます。
error-unknown_command-nearest = /{ $command } というコマンドはありません。/{ $nearest } のことですか？
error-unknown_option = { $option } という指定はありません。あるのは、{ $known }。
error-unknown_option-nearest = { $option } という指定はありません。{ $nearest } のことですか？
error-option_repeated = { $option } が2回あります。1回だけ書いてください。
error-clip_needed = どのクリップかを、そのスレッドで、--クリップ clip_0123456789abcdef のようなIDで、または --クリップ 最新 で示してください。/history に自分のクリップの一覧があります。
error-clip_not_ready = クリップ { $id } はまだ使えません（{ $status }）。
error-nothing_to_cancel = 待っている依頼も制作中の依頼もありません。
error-image_needed = 画像を添えてください。最初のコマになります。
error-no_result = できあがったクリップはまだありません。/queue で順番が見られます。
error-cannot_post = ここにはクリップを投稿できません。足りない権限：{ $permissions }。消費はありません。サーバーの管理者が許可できます。
error-nothing_in_advance = わたしはここのメンバーではないため、あとから投稿できません。わたしのいる場所か、わたしへのダイレクトメッセージで予約してください。
error-not_invited = わたしはこのチャンネルにいないので、クリップを投稿できません。ここで /invite @threadreel（またはこのワークスペースでのわたしの名前）と書いてから、もう一度お願いします。消費はありません。
error-files_unreadable = Slackからこのファイルを受け取れません。アプリの管理者が files:read の権限を確認できます。消費はありません。
error-page_misread = このページの内容を読み取れませんでした。再読み込みしてからお試しください。
error-page_gone = このメッセージはもうありません。
error-page_foreign = これはボット自身のページからだけ使えます。
error-button_unknown = このボタンは別の版のものです。ことばで書いてください。/help に使い方があります。

## Discord

words-hidden = このサーバーのAutoModにより、ことばは表示できません。クリップはそのままです。
words-hidden-alt = クリップ（ことばはここでは表示されません）
dm-closed = { $member } さん、DMが閉じているため、あなただけに見せるものを送れません。クリップができたら /result であなただけに表示します。
restarting = 再起動中です。消費はありません。1分ほどしてからもう一度お願いします。
thread-hint = このサーバーではふつうのメッセージを読めません。クリップを変えるには、わたしをメンションして書く、通知オンでわたしのメッセージに返信する、「リミックス」ボタンを押す、またはここで /remix を使ってください。
menu-remix = このクリップをリミックス
menu-info = クリップの情報
menu-reference = 参照画像に使う
no-clip-here = このメッセージにはわたしのクリップがありません。
no-image-here = このメッセージには画像がありません。
reference-title = 参照画像に使う
reference-text = クリップで何が起きますか？
reference-submit = クリップを作る
reference-gone = この画像はもう手元にありません。もう一度選んでください。
bookmark = ⭐ { $link }
button-sure = はい、{ $label }
permission-view_channel = チャンネルを見る
permission-send_messages = メッセージを送信
permission-send_messages_in_threads = スレッドでメッセージを送信
permission-attach_files = ファイルを添付
permission-read_message_history = メッセージ履歴を読む
permission-create_public_threads = 公開スレッドの作成
permission-embed_links = 埋め込みリンク
choice-default = 標準に戻す

## Slack

slack-in-thread = クリップはスレッドにあります
slack-sent-direct = わたしとのDMに送りました。
slack-files-direct = グラフと表のファイルは、わたしとのダイレクトメッセージに送りました。
slack-files-not-sent = グラフと表のファイルを、ダイレクトメッセージに送れませんでした。
slack-no = やめる
slack-close = 閉じる
slack-wait = 少しお待ちください…
slack-expired = Slackの時間切れでフォームを開けませんでした。もう一度押してください。
slack-open = フォームを開く
slack-no-threads = Slackではスレッドの中でコマンドを使えません。変えたいことをそのまま書いてください。
slack-admin-help = このワークスペースの管理者と運用者は、/threadreel admin のあとに次のように入力できます。
    使用状況 [@メンバー] [2026-11] [区切り メンバー、サーバー、月、ティア]
    記録 [@メンバー]
    付与 @メンバー ティア [全体] [期限 2028-02-29 または 日数 14] [理由]
    剥奪 @メンバー [全体] [理由]
    ブロック @メンバー [全体] [期限 2028-02-29 または 日数 14] [理由]
    ブロック解除 @メンバー [全体] [理由]
    返却 クリップか @メンバー、理由
    リセット @メンバー [理由]
    「全体」がなければこのワークスペースだけです。全体にできるのは運用者だけです。
house-title = このワークスペースの管理者へ
house-nothing = このワークスペースではまだ何も決められていません。
house-server = ワークスペース
house-channel = チャンネル
house-member = メンバー
house-group = ユーザーグループ
house-act = 何をしますか
house-submit = 保存
house-refund = 返却…
house-usage = 使用状況
house-audit = 監査ログ
house-show = 表示
house-month = 月
house-by-month = すべての月を並べる
house-clip = 返却するクリップのID（空欄ならメンバーの今月の使用分すべて）
house-days = ブロックやティアが続く日数（空欄なら期限なし）
house-reason = 理由
allowed-admin-member = @名前、ユーザーID、または PLATFORM:USER で書いたメンバー。名前が届かないときは、アプリのコマンド /threadreel の「Escape channels, users, and links」を有効にしてください
allowed-admin-tier = ティアの名前、または none
allowed-admin-by = メンバー、サーバー、月、ティア
allowed-admin-before-reason = 理由の前（この語を含む理由は「理由」という語で始めてください）
allowed-admin-once = 一度だけ
allowed-admin-usage = メンバー、2026-11 のような月、または 区切り と メンバー、サーバー、月、ティア
allowed-admin-audit = メンバーだけ
house-by = 何ごとに数えるか
house-files = グラフとCSVもダイレクトメッセージで受け取る
allowed-house-days = 空欄（ブロックするかティアを付けるときだけ書けます）
allowed-house-reason = 空欄（ブロック、ブロック解除、ティアの変更、今月分の返却のときだけ書けます）
allowed-house-refund = メンバーかクリップのIDのどちらか一方
option-group = このユーザーグループの全員
allowed-user-groups = わたしに見えるユーザーグループ（usergroups:read の権限で見えます）
button-favourite = お気に入り
generate-title = クリップを作る
generate-submit = クリップを作る
command-submit = 実行

## サーバーの管理者

command-admin = このサーバーの管理者が決めること
command-admin-server = サーバー全体の決まりと標準の設定
command-admin-channel = チャンネルごとの決まり
command-admin-usage = メンバーの今月の使用状況、またはだれがどれだけ使ったか
command-admin-block = このサーバーでメンバーの依頼を受けない
command-admin-unblock = メンバーの依頼をまた受ける
command-admin-tier = このサーバーで、メンバーかロールにティアを付ける
command-admin-reset = メンバーの今月の使用分を戻す
command-admin-limits = ティアより低くする上限
option-limits-channel = このチャンネルだけ。なければサーバー全体
option-limit-seconds = 最長の秒数。0で元に戻す
option-limit-size = 最大のサイズ
option-limit-clips = 月にこの本数を使った人は、ここではもう作れない。0で元に戻す
option-limit-jobs = 同時に頼める本数。0で元に戻す
option-limit-watermark = ここで作るクリップすべてに透かしを入れるか
policy-limits = ティアより低い上限
policy-as-tiers = なし
lowered-seconds = 1本{ $most }秒まで
lowered-size = { $most }pまで
lowered-clips = 月{ $most }本まで
lowered-jobs = 同時に{ $most }件まで
lowered-watermark = 透かしあり
house-limits = 上限を下げる
allowed-whole = 整数
option-use = クリップを頼めるかどうか
option-spoiler = 押すまでクリップを隠すかどうか
option-threads = クリップのスレッドを作るとき
option-default-seconds = 選んでいない人の標準の長さ（秒）。0で元に戻る
option-default-size = 選んでいない人の標準のサイズ
option-default-aspect = 選んでいない人の標準の縦横比
option-default-timezone = 選んでいない人の時刻のタイムゾーン
option-default-language = 選んでいない人に答える言語
option-channel = どのチャンネルか。なければここ
option-member = だれか
option-role = このロールを持つ全員
option-tier = どのティアか
choice-yes = はい
choice-no = いいえ
choice-inherit = サーバーまたは標準に従う
choice-no-tier = なし（取り消す）
threads-on_remix = 最初のリミックスのとき
threads-at_once = すぐに
policy-server-title = このサーバーの決まり
policy-channel-title = #{ $channel } の決まり
policy-usable = クリップを頼める
policy-spoiler = クリップを隠す
policy-threads = スレッド
policy-as-server = サーバーに従う
policy-as-usual = 標準
settings-of-server = { $value }（サーバーの設定）
standing-given = ここで付いたティア
standing-under-way = 進行中
standing-blocked = ここでブロック中
admin-blocked = { $name }はこのサーバーでクリップを頼めなくなりました。作ったものは本人のままです。
admin-unblocked = { $name }はこのサーバーでまたクリップを頼めます。
admin-blocked-everywhere = { $name }はどこでもクリップを頼めなくなりました。作ったものは本人のままです。進行中のものは取り消され、回数は減りません。
admin-unblocked-everywhere = { $name }はまたクリップを頼めます。
admin-granted = { $name }: 全体で{ $tier }。
admin-revoked = { $name }: 付与したティアを取り消しました。購入、ロール、サーバーの管理者が決めたティアに戻ります。
admin-reset = { $name }の今月の使用分を戻しました。
admin-tier-given = { $name }: このサーバーでは{ $tier }。運用者が付けたティアが優先します。
admin-tier-taken = { $name }: このサーバーで付いたティアはもうありません。
admin-refunded = { $clips } 本を返しました。
admin-usage-title = { $month } の使用状況
admin-usage-months = 月ごとの使用
admin-usage-row = { $name }: { $clips } 本
admin-usage-all = { $title }（全サーバー）
admin-usage-direct = { $platform } のダイレクトメッセージ
admin-usage-none = まだだれも使っていません。
admin-audit-title = だれが何をしたか
admin-audit-none = まだありません。
admin-everywhere = 全体
admin-because = 理由: { $reason }
admin-more = …ほか { $count } 件
command-admin-refund = クリップの分、またはメンバーの今月の分を返す
command-admin-audit = ここでだれが何を決めたか
option-refund-clip = クリップのID、clip_…
option-reason = 理由。記録され、本人に伝わる
option-days = 何日間か。なければ取り消すまで
option-until = 最後の日。2028-02-29（UTC）のように、または時差つきの時刻。日数の代わり
option-everywhere = ここだけでなく、すべてのサーバーとチャットで。運用者だけ
option-why = 理由。監査ログに残る
command-admin-grant = メンバーにティアを付ける。このサーバーだけ、または全体
command-admin-revoke = メンバーのティアを取り消す。このサーバーだけ、または全体
option-month = 2026-11 のように。なければ今月
option-audit-member = この人がしたこと、されたことだけ
option-usage-member = 一人だけ。なければこのサーバーの全員、運用者には全サーバー
option-usage-by = 何ごとに数えるか
usage-by-member = メンバーごと
usage-by-server = サーバーごと
usage-by-month = 月ごと
usage-by-tier = ティアごと
allowed-clip-or-member = クリップかメンバーのどちらか一つ
allowed-member-or-role = メンバーかロールのどちらか一つ
word-a-server-manager = サーバーの管理者
error-place_closed = ここではクリップを頼めません。サーバーの管理者が閉じています。
error-member_blocked = サーバーの管理者にブロックされているため、ここではクリップを頼めません。
error-operators_only = これができるのは、運用者だけです。
error-server_not_trusted = このサーバーの管理者には許されていません。運用者の設定 tier_managers に { $server } がありません。
error-nothing_to_undo = { $missing ->
    [block] { $identity } はブロックされていません
   *[grant] { $identity } に付与されたティアはありません
}。何も変更していません。
error-already_given_back = { $job } の分は、すでに戻してあります。
error-blocked-until = { DATETIME($until, dateStyle: "medium", timeStyle: "short") }（UTC）に解けます。
error-blocked-reason = 理由: { $reason }

## メンバー：利用の停止

settings-status = 利用状況
standing-suspended = { DATETIME($until, dateStyle: "long", timeStyle: "short") }（UTC）まで停止中：{ $reason }
standing-banned = 停止中（期限なし）：{ $reason }
error-member_suspended = { DATETIME($until, dateStyle: "long", timeStyle: "short") }（UTC）まで、クリップを頼むことはできません。理由：{ $reason }。これまでに作ったものは、あなたのものです。
error-member_banned = クリップを頼むことはできなくなっています。理由：{ $reason }。これまでに作ったものは、あなたのものです。
error-member_changed = ちょうど今、アカウントの内容が変わりました。回数は減っていません。もう一度頼んでください。

## メンバー：複数のチャットを一つのアカウントに

command-link = このチャットと別のチャットのアカウントを一つにまとめる
command-unlink = まとめたチャットを見る・外す
option-code = 別のチャットで受け取ったコード
option-identity = /unlink の一覧にあるもの。今使っているものは this
typed-code = コード
typed-identity = 相手
allowed-code = 別のチャットの /link が示した8文字
allowed-identity-of-yours = /unlink の一覧にあるもの、または this
link-code = コード：{ $code }。{ DATETIME($until, timeStyle: "short") }（{ $zone }）までに、別のチャットで自分として /link { $code } と入力してください。二つが一つのアカウントになり、月の回数も、非公開のクリップを含む履歴も一つになります。ほかの人には見せず、ほかの人からもらったコードも入力しないでください。
link-done = つながりました。一つのアカウントになりました：{ $identities }。今月使った分は合計で { $limit }本中{ $used }本です。知らない相手が入っていたら、/unlink this であなたの分と一緒に外れます。
unlink-title = あなたのアカウント
unlink-none = 今のものだけです。/link で複数のチャットを一つにまとめられます。
unlink-how = /unlink のあとに上のどれかを書くと外れます。今使っているものは /unlink this です。そのチャットで頼んだクリップも一緒に移り、今月の残りはみなで分け合います。
unlink-done = { $identity } は別のアカウントになりました。そのチャットで頼んだクリップも一緒に移りました。今月の残りは月末まで共有です。
unlink-this = （今使っているもの）
word-operators = 運営者のアカウントは個人のものではありません
word-already-one = すでに一つのアカウントです
word-blocked = どちらかが利用停止中です
word-the-only-one = これ一つしかありません
word-not-yours = あなたのものではありません
error-link_code_invalid = このコードは正しくないか、使用済みか、期限切れです。別のチャットの /link で新しいコードを受け取ってください。
error-too_many_tries = コードを試した回数が多すぎます。{ DATETIME($until, dateStyle: "long", timeStyle: "short") }（UTC）を過ぎてから試してください。
error-cannot_link = このアカウントはまとめられません：{ $reason }。
error-cannot_unlink = { $identity } は外せません：{ $reason }。

## メンバー：保存されているものと削除

command-mydata = あなたについて保存されているものすべて（あなただけに渡すファイル）
command-forgetme = あなたについて保存されているものをすべて削除する
mydata-here = あなたについて保存されているものすべてです：アカウント、設定、依頼とクリップ（ことばも）、使った回数、投稿先。ファイルに入りきらなかったものは left_out.json に番号があり、/show で一つずつ出せます。
forgetme-title = すべて削除しますか？
forgetme-what = クリップとそのファイル、プロンプト、画像、設定、予約、連携を、つながっているすべてのチャットで削除します。投稿は「削除されました」に変わり、進行中のものは取り消されます。元には戻せません。先に /mydata ですべて受け取れます。
forgetme-stays = 残るのは名前のない数字だけです。また使うときは新しいメンバーになり、今月使った分は月末まで数えられます。
forgetme-sure = すべて削除する
forgetme-done = すべて削除しています。クリップの投稿もまもなく変わります。

## 予約と、お知らせ

command-schedule = 決まった時刻に、または繰り返しクリップを作る。何も付けないと予約の一覧
option-when = いつ：明日 9:00、2時間後、毎週月曜 9:00、2026-12-01 09:00
option-cancel = 取り消す予約のID
option-timezone = あなたのタイムゾーン（Asia/Tokyo など）
typed-when = いつ
typed-cancel = 取消
typed-timezone = タイムゾーン
allowed-when = 「明日 9:00」「2時間後」「毎週月曜 9:00」「2026-12-01 09:00」のような時、または 0 9 * * mon のような crontab の行
allowed-schedule = /schedule の一覧にあるID
allowed-timezone = Europe/Berlin、Asia/Tokyo、UTC のようなタイムゾーン
allowed-within-a-year = これから1年以内の時刻
allowed-hourly = 間隔を1時間以上に
allowed-some-day = いつか来る時
allowed-cron = crontab の5項目（分、時、日、月、曜日）。例：0 9 * * mon
allowed-one-kind-of-day = 日か曜日のどちらか一方（もう一方は *）
allowed-words-alone = 画像なし（予約できるのはことばだけです）
settings-timezone = タイムゾーン
schedule-kept = { $id }：{ DATETIME($at, dateStyle: "full", timeStyle: "short") }（{ $zone }）に作ります。
schedule-kept-ended = { $id } はもう作られています。
schedule-repeats = そのあとも繰り返します：{ $rule }。
schedule-charged = 作る時に、その時のティアと月の残りから数えます。一覧は /schedule、取り消しは /schedule cancel とIDです。
schedule-no-zone = 時刻はUTCです。/settings --タイムゾーン Asia/Tokyo で変えられます。
schedule-cancelled = { $id } を取り消しました。数には入っていません。
schedule-suspended = 停止中（3回続けて断られました）
schedule-at = 次は{ DATETIME($at, dateStyle: "medium", timeStyle: "short") }（{ $zone }）
schedules-title = 予約
schedules-none = ありません。例：/schedule 海の上の赤い風船 --いつ 明日 9:00
schedules-rest = 今のティアでは作られません。{ $tier } なら作れます。
schedules-hint = /schedule cancel とIDで取り消せます。
rule-daily = 毎日 { $at }
rule-workdays = 月曜から金曜 { $at }
rule-weekly = 毎週{ $days } { $at }
rule-cron = { $cron }
rule-and = ・
weekday-mon = 月曜
weekday-tue = 火曜
weekday-wed = 水曜
weekday-thu = 木曜
weekday-fri = 金曜
weekday-sat = 土曜
weekday-sun = 日曜
notice-clips_are_back-title = またクリップを作れます
notice-clips_are_back = 新しい月になりました。本数は /info で見られます。
notice-schedule_refused-title = 予約したクリップを作れませんでした
notice-schedule_refused = 「{ $prompt }」（{ $id }）、{ DATETIME($at, dateStyle: "medium", timeStyle: "short") }：{ $reason }数には入っていません。これからの予約は /schedule で見られます。
notice-schedule_missed-title = 予約したクリップを飛ばしました
notice-schedule_missed = 「{ $prompt }」（{ $id }）は{ DATETIME($at, dateStyle: "medium", timeStyle: "short") }の予定でしたが、threadreel が長く止まっていました。数には入っていません。これからの予約は /schedule で見られます。
notice-schedule_suspended-title = 予約を停止しました
notice-schedule_suspended = 「{ $prompt }」（{ $id }）は3回続けて断られました。最後の理由：{ $reason }数には入っていません。事情が変わったら /schedule でもう一度予約してください。
word-schedule = 予約
