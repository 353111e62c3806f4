"""Everyday English as sets that any exercise may use by name: ``@lose``, ``@each-step``.

A set holds the ways in which people put one thing that is said of many subjects, analogies and
notes included. Its entries are written as those of an exercise's own lexicon, and any inflection
meets them. An exercise's own set of the same name stands before one of these, and may build on it:
``lose: ["@shared.lose", evaporate]``.
"""

from __future__ import annotations

from collections.abc import Mapping


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.replace("\n", " ").split(","))


EVERYDAY: Mapping[str, tuple[str, ...]] = {
    name: _phrases(text)
    for name, text in {
        # -- what happens to things ---------------------------------------------------------
        "lose": """lose, lost, loose, loss, forget, disappear, vanish, drop, drop out, leak, spill,
            slip away, fall out, go missing, get gone, "gone", die, evaporate, throw away, discard,
            wash away, fade away, go under, miss""",
        "fade": """fade, weaken, get weak, become weak, dilute, blur, wash out, wear off, wear
            away, wear out, decay, degrade, deteriorate, dwindle, diminish, thin out, water down,
            pale, die out, fizzle, dissolve, erode, drown, drown out, smear, distort, garble,
            muddle, corrupt, crumble, less and less, weaker and weaker, fainter, fainter and
            fainter""",
        "keep": """keep, hold, retain, preserve, save, store, remember, maintain, memorise,
            memorize, hang on to, hold on to, keep track""",
        "hold": """hold, contain, store, carry, include, have room, house, pack, capture, keep, fit
            in, cover, comprise, bear""",
        "remain": "remain, stay, survive, be left, left over, persist, last, live on, endure, keep",
        "change": """change, alter, modify, update, adjust, rewrite, transform, convert, turn into,
            edit, revise, adapt, vary, shift, reshape, recompute, recalculate, become different""",
        "replace": """replace, overwrite, write over, take the place, substitute, swap, push out,
            push aside, push away, crowd out, squeeze out, displace, supersede, drive out, erase,
            delete, wipe, wipe out, rub out, cover up, make room, override, exchange""",
        "squeeze": """squeeze, compress, cram, pack, stuff, press, squash, squish, condense, crush,
            jam, collapse, boil down, summarise, summarize, sum up, shrink, reduce, funnel, fold,
            force, fit, encode, cramp, crowd""",
        "mix": """mix, blend, combine, merge, stir, mash, average, fuse, mingle, join, put
            together, bring together, add up, add together, sum, pool, melt, shake together,
            weighted sum""",
        "separate": """separate, split, divide, part, keep apart, tell apart, distinguish, isolate,
            break up, sort out""",
        "copy": "copy, duplicate, reproduce, repeat, clone, replicate, mirror, imitate, photocopy",
        "grow": """grow, increase, rise, expand, extend, swell, gain, go up, get bigger, get
            larger, get longer, become bigger, become larger, become longer, lengthen, widen,
            enlarge, scale up, add more, larger and larger, bigger and bigger""",
        "shrink": """shrink, decrease, fall, reduce, drop, go down, get smaller, become smaller,
            diminish, lessen, decline, dwindle, contract, vanish, smaller and smaller""",
        "break": "break, crack, shatter, snap, burst, fail, fall apart, damage, destroy, ruin",
        # -- what is done with things -------------------------------------------------------
        "pass-on": """pass, hand, pass on, hand on, hand over, pass along, hand down, give on,
            forward, relay, transmit, transfer, carry on, carry over, deliver, tell on, whisper,
            bring, send on, move on, flow""",
        "go-through": """go through, pass through, run through, flow through, travel through, come
            through, travel along, go along, pass along, travel via, go via, pass via, cross, make
            it through, get through, funnel through, squeeze through, thread through""",
        "send": "send, pass, give, transmit, deliver, ship, emit, forward, hand, throw, broadcast",
        "take-in": """take in, absorb, receive, get, read, eat, swallow, pick up, collect, gather,
            drink""",
        "give": """give, hand, offer, provide, supply, deliver, return, yield, present, contribute,
            pass""",
        "give-off": "give off, release, emit, radiate, let out, set free, send out, produce",
        "make": """make, produce, create, form, build, generate, construct, yield, cause, give,
            cook up""",
        "use": """use, apply, employ, rely on, draw on, work with, exploit, utilise, utilize, make
            use""",
        "take": """take, pick, grab, get, fetch, collect, retrieve, receive, draw, pull, extract,
            obtain""",
        "find": """find, discover, locate, spot, search, seek, look up, look for, hunt, retrieve,
            track down, get hold, dig out""",
        "look": """look, see, view, watch, observe, inspect, check, read, consult, glance, peek,
            peep, turn to, pay attention, attend, gaze""",
        "look-up": """look up, consult, check, refer to, turn to, go back, look back, query,
            search, ask, revisit, jump to, jump back, reach back, access, retrieve, fetch, attend
            to, pay attention""",
        "reach": "reach, access, get to, get at, touch, arrive, come to, connect, jump to, go to",
        "choose": """choose, pick, select, pick out, single out, decide, opt, vote, choice, prefer,
            settle on, go for, cherry pick""",
        "compare": """compare, match, check, weigh, measure, contrast, score, test, rate, hold
            against, set against, line up, similarity, dot product, comparison, look how similar""",
        "match": "match, fit, agree, correspond, suit, resemble, coincide, go with, similar, alike",
        "ask": """ask, request, query, question, enquire, inquire, look for, search, want, seek,
            demand""",
        "want": """want, need, look for, seek, search, wish, require, ask for, be after, desire,
            interest""",
        "answer": "answer, respond, reply, return, serve, react, give back, deliver",
        "share-out": """share, divide, split, distribute, spread, allocate, assign, hand out, deal
            out""",
        "decide": "decide, determine, choose, settle, commit, make up, rule, resolve, pick, judge",
        "show": """show, tell, reveal, indicate, say, point to, point out, display, describe,
            suggest""",
        "tell-apart": """tell apart, distinguish, separate, recognise, recognize, discriminate,
            differ""",
        "explain": "explain, account for, justify, tell why, show why, say why, reason, clarify",
        "cause": """cause, lead to, bring about, result in, make, produce, give rise, trigger,
            induce, drive, create, be why, because, due to""",
        "affect": """affect, influence, change, impact, act on, shape, determine, control, alter,
            effect""",
        "depend": """depend, rely, hinge, be determined, be decided, vary with, be based, follow
            from""",
        "help": """help, support, aid, improve, assist, enable, allow, make easier, contribute,
            serve""",
        "prevent": """prevent, stop, block, keep from, hinder, avoid, hold back, inhibit, stand in
            the way""",
        "allow": "allow, let, enable, permit, make possible, can, give access",
        "learn": """learn, train, study, acquire, pick up, adjust, improve, teach, fit, optimise,
            optimize""",
        "ignore": """ignore, neglect, disregard, skip, overlook, leave out, pay no attention, throw
            out, drop""",
        "connect": """connect, link, join, tie, attach, bind, relate, associate, wire, hook up,
            couple""",
        "measure": "measure, count, calculate, compute, quantify, gauge, weigh, estimate, work out",
        "point-at": "point, refer, mean, stand for, be about, indicate, denote, name, represent",
        # -- how much, how many -------------------------------------------------------------
        "one": "one, single, same, sole, lone, just a, only a, a unique",
        "few": "few, a couple, a handful, two, three, several, little, not many",
        "many": """many, much, several, lots, a lot, plenty, numerous, multiple, countless, tons,
            dozens, hundreds, thousands, all, every, too many, so many""",
        "everything": """everything, all, whole, entire, full, complete, total, the lot, everyone,
            everybody, every bit, each and every, every single""",
        "more": """more, extra, additional, further, greater, bigger, larger, higher, added,
            increased""",
        "less": "less, fewer, smaller, lower, reduced, weaker, little, minor, decreased",
        "big": "big, large, huge, great, wide, long, high, giant, enormous, vast, massive, roomy",
        "small": """small, little, tiny, narrow, short, low, thin, cramped, tight, slight, minor,
            minute""",
        "limited": """limited, fixed, finite, bounded, constant, restricted, constrained, capped,
            narrow, only so much, only so many, same size, of a set size, cramped""",
        "fixed": """fixed, constant, same, unchanging, set, predetermined, given, static, rigid,
            stay the same, not ..1 (grow|change|vary|adapt), regardless, no matter, whatever""",
        "equal": """equal, same, alike, even, uniform, identical, uniformly, equally, evenly, just
            as much""",
        "different": """different, differ, various, vary, other, distinct, separate, unlike,
            individual""",
        "zero": "zero, nothing, none, nil, null, vanish, not at all",
        "positive": """positive, above zero, greater than zero, more than zero, non zero, nonzero,
            not zero""",
        "overflow": """overflow, too much, too many, too long, more than ..2 (fit|hold|room), spill
            over, (not|hardly|never) ..2 (fit|hold|room|space), run out of
            (room|space|capacity|memory), exceed, overload, overwhelm, be full, get full, burst,
            not enough (room|space|capacity)""",
        # -- when, where, how ---------------------------------------------------------------
        "each-step": """(each|every)
            (step|time|stage|move|update|turn|round|stop|stage|hop|pass|day), step by step, bit by
            bit, little by little, one by one, one after (the other|another), at a time, again and
            again, over and over, repeatedly, many times, constantly, continually, continuously, in
            turn, in steps, stepwise""",
        "gradually": """gradually, slowly, bit by bit, little by little, step by step, over time,
            with time, progressively, steadily, more and more, less and less, along the way, on the
            way, a little, a bit, one by one, by and by""",
        "early": """early, earlier, first, begin, beginning, start, old, older, oldest, initial,
            opening, past, previous, original, former, before, prior""",
        "late": """late, later, last, new, newer, next, recent, fresh, latest, following, incoming,
            current""",
        "far": """far, far away, distant, remote, long ago, wide apart, (any|whatever) distance,
            long way""",
        "near": """near, nearby, close, next to, neighbouring, neighboring, adjacent, local,
            neighbour""",
        "direct": """direct, directly, straight, at once, immediately, in one step, one step, one
            hop, in a single step, in one go, in one jump, shortcut, without detour, on the spot,
            straight away, no intermediate""",
        "any": "any, whichever, whatever, whatsoever, every, arbitrary, freely, all",
        "only": "only, just, merely, nothing but, solely, exclusively, alone, simply, purely",
        "still": """still, remain, stay, nevertheless, even so, anyway, all the same, no less, yet,
            even then""",
        "always": """always, every time, each time, constantly, invariably, at all times, without
            exception""",
        "smooth": """smooth, smoothly, continuous, continuously, gradual, gradually, soft, softly,
            gentle, fluid, seamless, bit by bit, little by little, slightly, dimmer, slider, ramp,
            slope""",
        "abrupt": """abrupt, sudden, suddenly, jump, discrete, discontinuous, step, on off, on or
            off, all or nothing, yes or no, switch, flip, click, snap, hard, sharp, binary, either
            or""",
        "random": """random, randomly, by chance, arbitrary, arbitrarily, guess, dice, lottery,
            coin flip""",
        "possible": "possible, perhaps, maybe, able, likely, option, candidate, in the running",
        # -- things -------------------------------------------------------------------------
        "thing": "thing, item, object, piece, element, entry, bit, unit, stuff, entity, one",
        "part": """part, piece, portion, fraction, share, bit, section, component, fragment, slice,
            side""",
        "information": """information, content, detail, meaning, knowledge, data, message, fact,
            memory, trace, signal, context, news, material, stuff""",
        "detail": """detail, specifics, nuance, precision, particulars, fine points, exact words,
            finesse""",
        "container": """container, box, bag, backpack, rucksack, suitcase, bucket, cup, mug, jar,
            glass, bottle, drawer, envelope, basket, sack, tank, pot, bowl, tray, pocket, shelf,
            locker, bin, barrel, tub, crate, chest, vessel, trunk""",
        "note": """note, sticky note, post-it, notepad, notebook, page, card, index card, slip of
            paper, piece of paper, sheet, whiteboard, blackboard, board, slate, scrap, postcard,
            tweet""",
        "passage": """funnel, pipe, tunnel, keyhole, straw, doorway, door, gate, bridge, channel,
            tube, hose, bottleneck, corridor, passage, neck, slit""",
        "path": "path, way, route, road, line, link, connection, channel, track, trail, bridge",
        "relay": """relay, relay race, bucket brigade, bucket chain, chinese whispers, whispers,
            whispering game, whisper game, telephone game, game of telephone, broken telephone,
            silent post, assembly line, domino, chain of people, hand to hand, mouth to mouth,
            person to person, down the line, along the chain, from one to the next""",
        "chain": "chain, sequence, series, row, line, queue, string, succession, ladder, cascade",
        "label": """label, tag, sign, title, name, heading, index, advert, advertisement,
            description, badge""",
        "person": """person, people, someone, somebody, child, kid, man, woman, student,
            friend, player, runner, reader, listener, speaker, messenger, neighbour, human,
            pupil, teacher""",
        "amount": """amount, number, quantity, size, extent, degree, level, how much, how many, how
            strong""",
        "share": """share, part, portion, fraction, percentage, percent, proportion, weight, slice,
            ratio""",
        "important": """important, relevant, significant, essential, crucial, key, matter, useful,
            needed, count""",
        "relevant": """relevant, relevance, important, importance, relate, related, matter,
            fitting, suitable, useful, pertinent, concern, count, belong, significant, helpful""",
        "speed": """speed, slow, slowness, fast, faster, quick, quickly, quicker, training time,
            computation time, run time, runtime, takes long, takes too long, takes too much time,
            time consuming, expensive, costly, parallel*, efficiency, efficient""",
        "reason": "reason, cause, explanation, because, why, ground, motive, due to, result of",
        "problem": """problem, trouble, issue, bottleneck, difficulty, weakness, limitation,
            drawback, flaw""",
        "result": """result, output, outcome, answer, product, consequence, effect, return, what
            comes out""",
        "goal": "goal, aim, purpose, intention, target, objective, point, in order to, so that",
    }.items()
}
"""From a set's name to its phrases."""
