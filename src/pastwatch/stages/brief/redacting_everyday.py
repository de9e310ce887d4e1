"""Everyday English words: one of them that is also a name is replaced only where it stands as one."""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
a able about above account accounts across act acts actual add address after again against age ago
air all almost alone along already also although always am among an analyst and angel another
answer any anyone anything appear approval approvals approver april archive are area areas arm
army around art as ask asked at attachment august authority away back bad bank bar base bay bcc be
bear became because been before began begin behind being bell below best better between big bill
bird bishop black blocks blue board body book both bottle bound box boy branch break bridge brief
bring brook brown build building burn bush business but by bytes call came camp can cannot car
carpenter case cash cause cc center central centre chance change chapel child city class clay
clean clear close club coast code cold collected college come coming committee common company
confidence conversation cook copy cost could council country course court cover coverage crane
cross current custodian cut dark data date dated day days dean dear december decision deep
department device did different director do does dog done door down draft drive due duke during
each early earth east easter easy education effect eight either email end england english enough
entire estimate even evening event ever every everyone everything example exposed face fact faith
fall family far farmer father february feel few field figure file files final find finding fine
fire first fish fisher five floor follow food foot for force ford forest form forward found four
fox free friday friend from front frost full fund further fw fwd game gap gaps garden gate gave
general get gift give given glass go goes going gold good got government grace grant granted
granularity gray great green grey ground group grow guard guy had hall hand handover happy hard
has have hawk he head hear heart heath held hello help her here high hill him himself his hits
hold holiday holly home hope hour hours house how however hunt hunter i icd ice idea if important
in including increase indeed inside into iris is island issue it its itself ivy jack january job
joy judge judgement july june just justice keep key kind king knew knight know known label labels
lake lamb land lane large last late later law lead lean learn least leave led ledger left less let
letter level life light like likelihood likely lily limit line link list little live local long
look looking lord lost lot love low made mail main major make man many march mark market marsh
matter may me mean means media medium meet meeting member men message messages might mile miles
military mill mind mine minister minute mission moment monday money monk month months moon more
morning most mother mount move much music must my myself name national near need never new news
next nice night no noble none noon nor north not note nothing november now number oak october of
off office officer often oil ok old olive on once one only open opened or order organisation other
our out over own packs page palm paper park part party pass past path pay peace penny people per
perhaps person phone piece place plan plant play point police policy political pool poor post
power present president press price priest prince private problem process program project public
purpose put query question quick quite rain ran rather ray re read readable ready real reason
reasons receive received record records red reed regard release released report requested research
reserve response result return review reviewed reviewer rice rich ridge right ring rise river road
robin rock room root rose round row rule run said sale same sampled sand sat saturday save saw say
says scanned school scope sea seal sealed search second secretary security see seem seen send
sender senior sent september serve service set seven several sha shall sharp she shepherd ship
shop short should show shown side silver since single sir six small smart snow so some someone
something son soon sound source sources south space span speak special spring square st staff
stage star stars start state statement states stay steel step still stone stop storm story street
strong subject such summer sun sunday support sure swan table take taken talk team tell ten text
than thank thanks that the their them then there these they thing things think third this those
though thought thousand three through thursday time times to today together told tomorrow too took
top total toward town trade tree true trust try tuesday turn two undated under union united
unlikely until up upon us use used utc valid very view visit voice wait walk wall want war warden
warning was water way we web wednesday week weeks well went were west what when where whether
which while white who whole whose why wife will win winter wise wish with within without wolf
woman women wood word words work worked worker world would write wrong yard year years yellow yes
yesterday yet york you young your
"""
EVERYDAY: Final = frozenset(_WORDS.split())
