"""The Japanese vocabulary of captions and instructions: plain tables."""

from __future__ import annotations

from inference.pocket.world.scene import (
    Camera,
    Colour,
    Daytime,
    Look,
    Motion,
    Setting,
    Speed,
    Subject,
    Weather,
)

NOUNS: dict[Subject, tuple[str, ...]] = {
    Subject.BALL: ("ボール", "ボール", "球"),
    Subject.STAR: ("星",),
    Subject.CAR: ("車", "車", "自動車"),
    Subject.BOAT: ("船", "ボート", "ヨット"),
    Subject.FISH: ("魚",),
    Subject.BIRD: ("鳥", "鳥", "小鳥"),
    Subject.BALLOON: ("気球", "風船"),
    Subject.ROCKET: ("ロケット", "ロケット", "宇宙船"),
    Subject.CUBE: ("立方体", "箱", "ブロック"),
    Subject.HEART: ("ハート",),
    Subject.HOUSE: ("家", "家", "おうち"),
    Subject.TREE: ("木", "樹"),
    Subject.CAT: ("猫", "猫", "ネコ", "子猫"),
    Subject.FLOWER: ("花", "お花"),
    Subject.BUTTERFLY: ("蝶", "ちょうちょ"),
    Subject.PLANE: ("飛行機",),
}
#: (before a noun, before する): 赤い, 赤く.
COLOURS: dict[Colour, tuple[str, str]] = {
    Colour.RED: ("赤い", "赤く"),
    Colour.ORANGE: ("オレンジ色の", "オレンジ色に"),
    Colour.YELLOW: ("黄色い", "黄色く"),
    Colour.GREEN: ("緑の", "緑に"),
    Colour.BLUE: ("青い", "青く"),
    Colour.PURPLE: ("紫の", "紫に"),
    Colour.PINK: ("ピンクの", "ピンクに"),
    Colour.WHITE: ("白い", "白く"),
    Colour.TURQUOISE: ("水色の", "水色に"),
    Colour.BROWN: ("茶色い", "茶色く"),
}
MOVES: dict[Motion, tuple[str, ...]] = {
    Motion.LEFT: ("左へ動く", "左に進む", "左へ流れる", "左へ行く"),
    Motion.RIGHT: ("右へ動く", "右に進む", "右へ流れる", "右へ行く"),
    Motion.RISE: ("昇る", "上がる", "上昇する", "のぼる"),
    Motion.FALL: ("落ちる", "下がる", "降りる", "落ちていく"),
    Motion.BOUNCE: ("跳ねる", "弾む"),
    Motion.STILL: ("止まっている", "動かない"),
    Motion.DRIFT: ("ひらひら舞う", "木の葉のように舞い降りる", "ゆらゆら漂う"),
    Motion.ORBIT: ("円を描く", "ぐるぐる回る", "周回する"),
    Motion.WAVE: ("波のように進む", "波打って進む", "波に乗る"),
    Motion.TOSS: ("弧を描いて飛ぶ", "飛び越える", "放り投げられた"),
}
ADVERBS: dict[Speed, tuple[str, ...]] = {
    Speed.SLOW: ("ゆっくり", "ゆっくりと"),
    Speed.NORMAL: (),
    Speed.FAST: ("速く", "素早く", "勢いよく"),
}
PLACES: dict[Setting, tuple[str, ...]] = {
    Setting.SEA: ("海", "海の上"),
    Setting.DESERT: ("砂漠", "砂漠の上"),
    Setting.FOREST: ("森", "森の中"),
    Setting.CITY: ("街", "町", "街の上"),
    Setting.SNOW: ("雪の中", "雪原"),
    Setting.SPACE: ("宇宙", "宇宙の中"),
    Setting.MEADOW: ("草原", "野原", "花畑"),
    Setting.MOUNTAINS: ("山", "山々", "高原"),
}
TIMES: dict[Daytime, tuple[str, ...]] = {
    Daytime.DAY: ("昼", "昼間"),
    Daytime.DUSK: ("夕方", "夕焼け", "夕暮れ"),
    Daytime.NIGHT: ("夜",),
}
#: Before a place or a subject.
AIRS: dict[Weather, tuple[str, ...]] = {
    Weather.CLEAR: ("晴れた",),
    Weather.RAIN: ("雨の", "雨が降る"),
    Weather.SNOWFALL: ("雪が降る", "雪の降る"),
    Weather.FOG: ("霧の", "霧がかかった"),
}
SHOTS: dict[Camera, tuple[str, ...]] = {
    Camera.STATIC: ("カメラは固定",),
    Camera.PAN_LEFT: ("カメラは左へ", "左にパン"),
    Camera.PAN_RIGHT: ("カメラは右へ", "右にパン"),
    Camera.PAN_UP: ("カメラは上へ", "上にパン"),
    Camera.PAN_DOWN: ("カメラは下へ", "下にパン"),
    Camera.ZOOM_IN: ("ズームイン", "カメラが寄る"),
    Camera.ZOOM_OUT: ("ズームアウト", "カメラが引く"),
}
LOOKS: dict[Look, tuple[str, ...]] = {
    Look.REALISTIC: ("リアル風", "写実的"),
    Look.ANIME: ("アニメ風",),
    Look.STORYBOOK: ("絵本風", "水彩画風"),
    Look.CYBERPUNK: ("サイバーパンク風", "ネオン風"),
    Look.RETRO: ("レトロゲーム風", "ドット絵"),
}
SHOT_ORDERS: dict[Camera, tuple[str, ...]] = {
    Camera.STATIC: ("カメラを固定して",),
    Camera.PAN_LEFT: ("左にパンして", "カメラを左へ"),
    Camera.PAN_RIGHT: ("右にパンして", "カメラを右へ"),
    Camera.PAN_UP: ("上にパンして", "カメラを上へ"),
    Camera.PAN_DOWN: ("下にパンして", "カメラを下へ"),
    Camera.ZOOM_IN: ("ズームインして", "カメラを寄せて"),
    Camera.ZOOM_OUT: ("ズームアウトして", "カメラを引いて"),
}
WEATHER_ORDERS: dict[Weather, tuple[str, ...]] = {
    Weather.CLEAR: ("晴れにして", "天気を良くして"),
    Weather.RAIN: ("雨を降らせて", "雨にして"),
    Weather.SNOWFALL: ("雪を降らせて",),
    Weather.FOG: ("霧を出して", "霧にして"),
}
SLOWER, FASTER = ("もっと遅く", "もっとゆっくり", "遅くして"), ("もっと速く", "速くして")
SUBJECT_ORDERS = ("{x}にして", "{x}に変えて")
ADD_ORDERS = ("{x}を追加して", "{x}も入れて", "{x}を足して")
REMOVE_ORDERS = ("{x}を消して", "{x}をなくして")
