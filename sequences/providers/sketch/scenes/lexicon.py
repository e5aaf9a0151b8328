"""The words the artist knows: which scene they mean, and which weather, hour, light, palette, person or
framing.

Every table maps a word or phrase (lower case, singular where the plural only adds an s) to its meaning.
Phrases of several
words are looked for first and use up their words.
"""

from __future__ import annotations

RGB = tuple[float, float, float]

# family -> {word: weight}. Places weigh 5, things that make the place likely 2 or 3, hints 1.
SCENES: dict[str, dict[str, float]] = {
    "horizon": {"horizon": 4, "sea": 3, "ocean": 3, "ferry": 3, "ship": 4, "boat": 3, "open water": 4,
                "sail": 3, "sailboat": 4,
                "ferry at dusk": 3, "crossing": 2, "voyage": 3, "water": 1.5, "wave": 2, "lake": 4,
                "harbour": 2, "harbor": 2,
                "sunset": 1, "wake": 2},
    "deck": {"deck": 5, "rail": 4, "railing": 4, "promenade": 4, "quay": 4, "embankment": 4, "waterfront": 4,
             "on board": 3,
             "city lights behind": 2, "city lights": 2, "balcony": 3, "harbour lights": 3, "ferry": 1},
    "rain": {"rain on glass": 8, "rain on the glass": 8, "rain on the window": 9, "rain on a window": 9,
             "rainy window": 8,
             "rain streaked": 7, "wet glass": 7, "windscreen": 6, "windshield": 6, "raindrop": 5, "drop": 3,
             "droplet": 5,
             "bokeh": 5, "glass": 3, "condensation": 6, "rain": 1.4, "through the window": 2, "taxi": 2},
    "street": {"street": 5, "alley": 6, "neon": 3.5, "neon sign": 4, "sidewalk": 5, "pavement": 5,
               "crosswalk": 5, "shop": 2,
               "downtown": 4, "market": 4, "chinatown": 5, "puddle": 3, "lane": 4, "night city": 4,
               "city": 1.5, "sign": 2,
               "umbrella": 1, "town": 3, "square": 3},
    "stage": {"stage": 5, "concert": 6, "band": 5, "singer": 3, "crowd": 3, "audience": 4, "gig": 6,
              "spotlight": 3, "club": 4,
              "microphone": 3, "guitar": 3, "drummer": 4, "festival": 4, "beam": 1.5, "performance": 3,
              "performer": 3,
              "performing": 4, "dance floor": 6, "dancefloor": 6, "rave": 6, "encore": 5, "live": 2,
              "theatre": 4, "theater": 4},
    "desert": {"desert": 6, "dune": 6, "sand": 3, "sahara": 6, "salt flat": 5, "wasteland": 5, "arid": 4,
               "canyon": 4},
    "corridor": {"corridor": 6, "car deck": 8, "hallway": 6, "garage": 6, "car park": 7, "parking": 5,
                 "underpass": 6,
                 "subway": 4, "metro": 4, "hold": 2, "engine room": 6, "passage": 4, "basement": 5,
                 "warehouse": 6,
                 "hangar": 6, "fluorescent": 3, "bunker": 5, "hospital": 4, "cathedral": 4, "church": 4},
    "forest": {"forest": 6, "wood": 4, "tree": 3, "pine": 5, "birch": 5, "jungle": 5, "grove": 5, "fern": 3, "moss": 3, "undergrowth": 4, "fir": 4,
               "trunk": 3,
               "clearing": 4, "leaf": 2, "bark": 2, "park": 3},
    "lantern": {"lantern": 3.5, "lantern close": 6, "candle": 3, "oil lamp": 5, "flame": 3, "match": 2,
                "candlelight": 2,
                "close on the lantern": 8, "close up of a lantern": 8, "lantern light": 2,
                "hurricane lamp": 6},
    "lighthouse": {"lighthouse": 8, "beacon": 6, "headland": 4, "cape": 4, "sweeping beam": 3},
    "underwater": {"underwater": 8, "under water": 8, "submerged": 7, "sinking": 5, "sink": 4, "in the deep": 5, "drowning": 6, "diver": 6,
                   "below the surface": 8,
                   "beneath the surface": 8, "bubble": 4, "deep": 2, "swimming": 4, "swim": 4, "coral": 6,
                   "jellyfish": 6,
                   "whale": 5, "floating": 2},
    "streaks": {"light streak": 8, "streak": 5, "tunnel": 5, "speed": 4, "train": 5, "light trail": 5,
                "motion blur": 4,
                "racing": 3, "passing light": 5, "blur": 2, "fast": 1.5, "profile": 2, "carriage": 4,
                "compartment": 5,
                "hyperspace": 6, "warp": 5, "rushing": 3},
    "skyline": {"skyline": 7, "rooftop": 6, "roof": 5, "skyscraper": 6, "city": 3, "tower block": 5,
                "tower": 2.5, "building": 2.5,
                "metropolis": 5, "city at night": 3, "above the city": 6, "penthouse": 4, "cityscape": 7,
                "high rise": 5},
    "pier": {"pier": 7, "jetty": 7, "dock": 5, "boardwalk": 6, "plank": 3, "landing stage": 8, "gangway": 5,
             "bridge": 4,
             "footbridge": 5},
    "moon": {"moon": 4, "full moon": 2, "hill": 4, "hilltop": 5, "moonlight": 2, "moonlit": 2, "moonrise": 5,
             "hillside": 4,
             "ridge": 3, "crescent": 3, "star": 1.5, "night sky": 3, "milky way": 4, "planet": 4, "space": 3},
    "shore": {"shore": 6, "beach": 6, "coast": 5, "coastline": 6, "sunrise": 2.5, "dawn": 1.2, "tide": 4,
              "surf": 5, "gull": 3,
              "seagull": 3, "bay": 4, "shoreline": 6, "cliff": 3, "island": 4, "bird": 1, "first light": 2},
    "room": {"room": 5, "window": 3, "bedroom": 6, "bed": 4, "kitchen": 6, "apartment": 5, "hotel": 4,
             "interior": 3, "curtain": 4,
             "chair": 3, "table": 3, "cabin": 4, "attic": 5, "armchair": 5, "living room": 7, "blind": 4,
             "studio": 2.5,
             "motel": 5, "piano": 3, "house": 2.5, "cafe": 4, "bar": 3, "diner": 4, "door": .5,
             "wheelhouse": 4, "porthole": 5, "bath": 3,
             "mirror": 3, "office": 4},
    "mountain": {"mountain": 6, "snow": 2.5, "peak": 5, "glacier": 6, "alpine": 6, "summit": 5, "valley": 4,
                 "tundra": 6,
                 "arctic": 6, "ice": 3, "snowfield": 6, "winter": 2.5, "avalanche": 5, "volcano": 5,
                 "snowy": 2.5, "fjord": 4},
    "road": {"road": 5, "highway": 6, "motorway": 6, "car": 2.5, "headlight": 4, "taillight": 4, "drive": 3,
             "driving": 4,
             "traffic": 4, "asphalt": 4, "truck": 4, "freeway": 6, "motorcycle": 4, "car light": 4,
             "tail light": 4,
             "roadside": 5, "bus": 3, "crossroad": 5},
    "field": {"field": 5, "meadow": 6, "wheat": 6, "grass": 4, "prairie": 6, "farm": 4, "harvest": 4,
              "cornfield": 6, "flower": 4,
              "plain": 2, "countryside": 5, "garden": 3, "lone tree": 5, "steppe": 5},
    "face": {"short": 0, "face": 4, "portrait": 4, "eye": 3, "lip": 3, "tear": 3, "hair": 1, "close up": 2,
             "closeup": 2, "crying": 2, "looks": 1,
             "look": 1, "stare": 2, "gaze": 2, "smile": 2, "silhouette": 1, "head": 1.5,
             "back of the head": 3},
}

WEATHERS: dict[str, str] = {
    "fog": "fog", "foggy": "fog", "mist": "fog", "misty": "fog", "haze": "haze", "hazy": "haze",
    "smoke": "haze", "smoky": "haze",
    "dust": "haze", "dusty": "haze", "rain": "rain", "rainy": "rain", "raining": "rain", "drizzle": "rain",
    "downpour": "rain",
    "wet": "wet", "snow": "snow", "snowing": "snow", "snowfall": "snow", "snowy": "snow", "blizzard": "snow",
    "storm": "storm",
    "stormy": "storm", "thunder": "storm", "lightning": "storm", "tempest": "storm", "clear": "clear",
    "cloudless": "clear",
    "overcast": "cloud", "cloudy": "cloud", "cloud": "cloud", "grey sky": "cloud", "gray sky": "cloud",
    "steam": "haze",
}

TIMES: dict[str, str] = {
    "dawn": "dawn", "sunrise": "dawn", "first light": "dawn", "daybreak": "dawn", "morning": "dawn",
    "early light": "dawn", "sun comes up": "dawn", "sun rises": "dawn",
    "day": "day", "daylight": "day", "noon": "day", "midday": "day", "afternoon": "day", "daytime": "day",
    "sunny": "day",
    "golden hour": "golden", "golden light": "golden", "sunset": "golden", "evening sun": "golden",
    "late sun": "golden",
    "low sun": "golden", "dusk": "dusk", "twilight": "dusk", "evening": "dusk", "sundown": "dusk",
    "nightfall": "dusk",
    "night": "night", "midnight": "night", "nighttime": "night", "moonlight": "night", "moonlit": "night",
    "dark": "night",
    "starry": "night", "blue hour": "blue",
}

LIGHTS: dict[str, str] = {
    "backlight": "backlight", "backlit": "backlight", "back light": "backlight", "rim light": "backlight",
    "silhouette": "backlight",
    "silhouetted": "backlight", "contre jour": "backlight", "neon": "neon", "candle": "candle",
    "candlelight": "candle",
    "candlelit": "candle", "firelight": "candle", "beam": "beams", "spotlight": "beams", "god ray": "beams",
    "light shaft": "beams",
    "shaft of light": "beams", "shaft": "beams", "ray": "beams", "flicker": "flicker",
    "flickering": "flicker", "strobe": "flicker",
    "low key": "low", "dim": "low", "dark": "low", "shadowy": "low", "noir": "low", "high key": "high",
    "bright": "high",
    "overexposed": "high", "glow": "glow", "glowing": "glow", "flare": "glow", "soft light": "soft",
    "diffuse": "soft",
}

# name -> shadow, middle and highlight colour of the grade
PALETTES: dict[str, tuple[RGB, RGB, RGB]] = {
    "warm": ((.09, .05, .03), (.62, .36, .20), (1.0, .86, .64)),
    "cold": ((.03, .06, .11), (.27, .42, .56), (.86, .95, 1.0)),
    "teal": ((.01, .07, .09), (.14, .46, .48), (.80, .98, .92)),
    "blue": ((.01, .03, .12), (.14, .28, .62), (.80, .90, 1.0)),
    "red": ((.09, .01, .02), (.68, .14, .13), (1.0, .80, .68)),
    "amber": ((.09, .04, .01), (.74, .42, .11), (1.0, .90, .62)),
    "green": ((.02, .06, .03), (.28, .48, .28), (.92, 1.0, .80)),
    "violet": ((.05, .02, .11), (.44, .22, .62), (.96, .84, 1.0)),
    "pink": ((.09, .02, .07), (.72, .28, .46), (1.0, .86, .90)),
    "mono": ((.02, .02, .02), (.44, .44, .44), (1.0, 1.0, 1.0)),
    "sepia": ((.07, .05, .03), (.50, .41, .29), (1.0, .94, .82)),
    "pastel": ((.36, .34, .44), (.78, .68, .72), (1.0, .97, .93)),
    "bleach": ((.05, .06, .06), (.52, .52, .49), (1.0, .99, .94)),
}

PALETTE_WORDS: dict[str, str] = {
    "warm": "warm", "cold": "cold", "cool": "cold", "icy": "cold", "teal": "teal", "turquoise": "teal",
    "cyan": "teal",
    "aqua": "teal", "blue": "blue", "indigo": "blue", "navy": "blue", "red": "red", "crimson": "red",
    "scarlet": "red",
    "blood": "red", "amber": "amber", "orange": "amber", "gold": "amber", "golden": "amber",
    "sodium": "amber", "yellow": "amber",
    "green": "green", "emerald": "green", "sickly": "green", "violet": "violet", "purple": "violet",
    "magenta": "pink",
    "pink": "pink", "rose": "pink", "monochrome": "mono", "black and white": "mono", "grey": "mono",
    "gray": "mono", "noir": "mono",
    "sepia": "sepia", "vintage": "sepia", "pastel": "pastel", "washed out": "bleach", "bleached": "bleach",
    "desaturated": "bleach",
    "muted": "bleach",
}

COLOURS: dict[str, RGB] = {
    "yellow": (.95, .74, .09), "red": (.78, .11, .11), "crimson": (.66, .06, .12), "scarlet": (.85, .13,
            .08), "blue": (.14, .30, .62),
    "navy": (.08, .13, .28), "green": (.16, .40, .24), "olive": (.36, .37, .18), "teal": (.10, .42,
            .44), "orange": (.92, .45, .10),
    "amber": (.88, .56, .12), "pink": (.90, .46, .60), "purple": (.42, .20, .56), "violet": (.46, .26,
            .66), "white": (.90, .89, .86),
    "cream": (.90, .84, .70), "beige": (.74, .65, .52), "brown": (.36, .23, .14), "grey": (.42, .43,
            .44), "gray": (.42, .43, .44),
    "silver": (.68, .71, .75), "gold": (.84, .64, .22), "golden": (.84, .64, .22), "black": (.05, .05,
            .06), "dark": (.08, .08, .10),
    "turquoise": (.16, .62, .62), "tan": (.66, .50, .34),
}

GARMENTS = frozenset((
    "raincoat", "coat", "overcoat", "jacket", "dress", "hoodie", "cloak", "cape", "suit", "shirt",
    "sweater", "jumper", "gown", "parka", "robe", "anorak", "uniform", "oilskin", "poncho", "trenchcoat",
    "mac", "skirt", "pullover", "scarf",
))
# colour words before these are about the thing, not about the palette
THINGS = frozenset((
    "umbrella", "hair", "dog", "car", "door", "eye", "lip", "skin", "scarf", "boot", "hat", "balloon",
    "flower", "boat", "cat", "sign", "guitar",
))

PEOPLE: dict[str, str] = {
    "woman": "woman", "girl": "woman", "lady": "woman", "she": "woman", "her": "woman", "mother": "woman",
    "bride": "woman",
    "man": "man", "boy": "child", "guy": "man", "he": "man", "him": "man", "his": "man", "father": "man",
    "ferryman": "man",
    "sailor": "man", "fisherman": "man", "keeper": "man", "child": "child", "kid": "child",
    "daughter": "child", "son": "child",
    "figure": "person", "person": "person", "someone": "person", "silhouette": "person",
    "stranger": "person", "walker": "person",
    "singer": "woman", "dancer": "woman", "performer": "person", "guitarist": "man", "drummer": "man",
    "driver": "man",
    "passenger": "person", "captain": "man", "swimmer": "person", "diver": "person", "traveller": "person",
    "traveler": "person",
    "hero": "person", "lover": "person", "friend": "person", "actor": "person", "mara": "woman",
    "king": "man", "queen": "woman",
    "wanderer": "person", "soldier": "man", "nurse": "woman", "runner": "person", "face": "person",
    "portrait": "person",
}
# these only stand for somebody already named, when somebody is
PRONOUNS = frozenset((
    "she", "her", "he", "him", "his", "face", "portrait", "silhouette",
))
PLURALS = {"women": "woman", "men": "man", "children": "child", "people": "person", "girls": "woman",
           "boys": "child",
           "figures": "person", "lovers": "person", "strangers": "person",
           "dancers": "woman",
           "friends": "person", "singers": "woman", "they": "person", "performers": "person",
           "passengers": "person"}
COUNTS = {"two": 2, "both": 2, "three": 3, "four": 4, "five": 5, "2": 2, "3": 3, "4": 4, "5": 5, "several": 4,
          "few": 3}
GROUPS = {"couple": 2, "pair": 2, "duo": 2, "trio": 3, "band": 3, "quartet": 4, "group": 4, "family": 3,
          "twins": 2}
CROWDS = frozenset((
    "crowd", "audience", "fans", "dancefloor", "rave", "festival", "mob", "masses",
))

POSES: dict[str, str] = {
    "walk": "walk", "walking": "walk", "walks": "walk", "runs": "walk", "running": "walk", "run": "walk",
    "strides": "walk",
    "steps": "walk", "crossing": "walk", "dancing": "reach", "dances": "reach", "arms raised": "reach", "arms open": "reach", "open arms": "reach", "arms up": "reach", "lifts one arm": "reach",
    "raises her arm": "reach", "raises his arm": "reach", "arms spread": "reach", "hand raised": "reach",
    "arm raised": "reach",
    "raised arm": "reach", "reaching": "reach", "waving": "reach", "waves": "reach", "points": "point",
    "pointing": "point",
    "holds out": "point", "leaning": "lean", "leans": "lean",
    "sits": "sit", "sitting": "sit", "seated": "sit", "sit": "sit",
}

PROPS: dict[str, str] = {
    "ferry": "ferry", "ship": "ferry", "boat": "boat", "sailboat": "boat", "rowing boat": "boat",
    "lantern": "lantern",
    "umbrella": "umbrella", "dog": "dog", "hound": "dog", "moon": "moon", "full moon": "moon", "sun": "sun",
    "star": "stars",
    "starry": "stars", "stars": "stars", "bird": "birds", "gull": "birds", "seagull": "birds",
    "crow": "birds", "car": "car",
    "taxi": "car", "lamp": "lamp", "street lamp": "lamp", "lamppost": "lamp", "streetlight": "lamp",
    "guitar": "guitar",
    "microphone": "microphone", "piano": "piano", "bed": "bed", "chair": "chair", "armchair": "chair",
    "lighthouse": "lighthouse",
    "candle": "candle", "suitcase": "suitcase", "city lights": "city", "harbour lights": "city", "lights of the city": "city", "lights of the harbour": "city", "skyline": "city",
    "mountain": "mountain", "tree": "tree",
    "bell": "bell", "house": "house", "cabin": "house", "curtain": "curtain", "train": "train", "key": "key",
    "letter": "letter",
}

SIZES: dict[str, str] = {
    "wide": "wide", "wide shot": "wide", "establishing": "wide", "long shot": "wide", "panorama": "wide",
    "vast": "wide", "tiny": "wide",
    "distant": "wide", "far away": "wide", "drone": "wide", "extreme wide": "wide", "close": "close",
    "close up": "close",
    "closeup": "close", "macro": "close", "detail": "close", "insert": "close", "tight": "close",
    "portrait": "close",
    "medium": "medium", "medium shot": "medium", "waist up": "medium", "mid shot": "medium",
}
ANGLES: dict[str, str] = {
    "low angle": "low", "from below": "low", "worm's eye": "low", "looking up": "low", "overhead": "high",
    "from above": "high",
    "high angle": "high", "top down": "high", "aerial": "high", "bird's eye": "high", "drone": "high",
}
VIEWS: dict[str, str] = {"from behind": "back", "behind her": "back", "behind him": "back",
                         "over the shoulder": "back",
                         "back to camera": "back", "facing away": "back", "profile": "side",
                         "in profile": "side",
                         "side view": "side", "facing camera": "front", "faces us": "front",
                         "frontal": "front"}
