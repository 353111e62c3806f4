"""Two exercises from other subjects, written as an author would, with everyday sets by name."""

from __future__ import annotations

from grading.concepts.rules import Rules, compile_rules
from grading.exercise import Value

GERMS: dict[str, Value] = {
    "model": (
        "Some bacteria carry a mutation that protects them from the antibiotic. The antibiotic "
        "kills the others, so the resistant ones survive and multiply."
    ),
    "lexicon": {
        "germ": ("bacteria", "bacterium", "germ", "microbe", "bug", "cell", "colony", "population"),
        "drug": ("antibiotic", "drug", "medicine", "penicillin", "treatment"),
        "tough": ("resistant", "immune", "resistance", "protected", "tough", "insensitive"),
        "tough_one": ("@tough ..1 (@germ|one|mutant|strain)", "mutant", "@tough"),
        "some": ("@few", "some", "one", "certain", "part", "individual"),
        "breed": (
            "multiply",
            "reproduce",
            "divide",
            "spread",
            "breed",
            "@shared.grow",
            "take over",
        ),
        "kill": ("kill", "wipe out", "destroy", "eliminate", "die"),
    },
    "concepts": {
        "variation": {
            "any": (
                "@some ..3 @germ ..4 (@tough|mutation|mutant|gene|different)",
                "mutation / make|protect|help|cause|give / @germ|@tough",
                "@some ..2 (@tough|mutant) ..3 (from the start)|already|(by chance)",
                "@germ / have|carry|get|acquire / mutation|(@tough ..1 gene)",
                "by chance ..4 @tough",
            ),
            "feedback": {"missing": "Are all the bacteria in a colony alike?"},
        },
        "selection": {
            "any": (
                "@drug / @kill / (all|others|rest|weak|sensitive|normal|susceptible|most)",
                "@tough_one / @remain|@breed",
                "only ..3 @tough ..3 @remain|@breed|left",
                "(others|rest|sensitive|normal) ..3 @kill",
            ),
            "feedback": {"missing": "Which bacteria are left after the treatment?"},
        },
    },
    "misconceptions": {
        "habit": {
            "any": (
                "@germ / (get used)|learn|adapt|(build up) / @drug|tolerance|defend",
                "(get used) ..2 @drug",
            ),
            "effect": "void",
            "say": "Can a single bacterium change while it lives?",
            "example": "The bacteria get used to the antibiotic.",
        },
        "weak_drug": {
            "any": ("@drug / @fade|(run out)|expire|(get|become weak)",),
            "effect": "cap 0.5",
            "say": "The drug is the same as ever.",
            "example": "The antibiotic gets weak after a while.",
        },
    },
    "labels": {
        "correct": ("variation", "selection"),
        "partial": {"any_of": ("variation", "selection")},
    },
}
GERMS_RULES: Rules = compile_rules("Why do antibiotics stop working after years of use?", GERMS)

ICE: dict[str, Value] = {
    "model": (
        "Water expands when it freezes, so ice is less dense than water. The water that it pushes "
        "aside weighs more and carries it."
    ),
    "lexicon": {
        "ice": ("ice", "iceberg", "ice cube", "frozen water", "solid"),
        "water": ("water", "liquid", "sea", "lake"),
        "room": ("room", "space", "volume", "place"),
        "wide": ("@shared.grow", "bulge", "spread out", "stretch"),
    },
    "concepts": {
        "less_dense": {
            "any": (
                "@ice / @less / dense|density",
                "@ice ..3 @less dense",
                "(dense|density) ..2 @ice ..4 (@less|below)",
                "@water / freeze|solidify / @wide",
                "@ice / need|take|fill|occupy / @more ..1 @room",
                "@wide near freeze",
                "@water ..3 dense ..3 than ..2 @ice",
                "@ice / @wide",
            ),
            "feedback": {"missing": "What happens to the volume of water that freezes?"},
        },
        "push": {
            "any": (
                "@water / push|carry|lift|support|buoy / @ice",
                "buoyancy|upthrust|(upward force) .. @ice|balance|weight",
                "@ice / displace|(push aside) / @water",
                "(displaced @water) ..3 (heavy|weigh|more)",
            ),
            "feedback": {"missing": "What holds the ice up?"},
        },
    },
    "misconceptions": {
        "air": {
            "any": ("air ..4 (in|inside|within) ..2 @ice", "@ice / contain|hold|have / air"),
            "effect": "void",
            "say": "Ice without a single bubble floats too.",
            "example": "There is air in the ice.",
        },
        "cold": {
            "any": ("cold / make|cause / light", "because ..2 ?it cold"),
            "effect": "void",
            "say": "Most solids sink, however cold they are.",
            "example": "The cold makes it light.",
        },
    },
    "labels": {
        "correct": ("less_dense", "push"),
        "partial": {"any_of": ("less_dense", "push")},
    },
}
ICE_RULES: Rules = compile_rules("Why does ice float on water?", ICE)
