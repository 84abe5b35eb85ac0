"""Prescriptions, their verification and their reconciliation, with the time of every step."""

from __future__ import annotations

from random import Random

from surveillance.demo import doses
from surveillance.demo.formulary import CATALOGUE, CODES, LOCAL_ONLY, named
from surveillance.demo.illness import ADULT, OLD
from surveillance.demo.localtime import DAY, HOUR, MINUTE, at, day_of, following, hour_of
from surveillance.demo.people import Patient
from surveillance.demo.records import Log

HEART = named("Aspirin", "Atorvastatin", "Ramipril", "Bisoprolol", "Amlodipine", "Furosemide")
COMMON = named("Omeprazole", "Metformin", "Levothyroxine", "Senna", "Colecalciferol", "Sertraline", "Paracetamol",
               "Nutritional", "Tiotropium", "Donepezil")  # fmt: skip
RARE = named("Co-careldopa", "Levetiracetam", "Sodium valproate", "Morphine", "Hydrocortisone", "Tacrolimus",
             "Amiodarone", "Apixaban", "Warfarin")  # fmt: skip
PRN = named("Oramorph", "Ondansetron", "Paracetamol")
ANTIBIOTICS = named("Co-amoxiclav", "Piperacillin", "Doxycycline", "Amoxicillin")
INSULINS = named("Insulin glargine", "Insulin aspart")
(ENOXAPARIN, SALBUTAMOL, VANCOMYCIN, FLUSH, OXYGEN, FLUIDS, GENTAMICIN, ADRENALINE, GLUCOSE, ANTI_D, VITAMIN_K,
 CEFUROXIME, IBUPROFEN, STOCKINGS) = named(
    "Enoxaparin", "Salbutamol", "Vancomycin", "Sodium chloride 0.9 % flush", "Oxygen", "Sodium chloride 0.9 % 1 litre",
    "Gentamicin", "Adrenaline", "Glucose", "Anti-D", "Vitamin K", "Cefuroxime", "Ibuprofen", "Compression",
)  # fmt: skip


def record(patient: Patient, log: Log) -> int | None:
    """All prescriptions of the spell; returns when the first becomes valid."""
    rng = patient.rng("medicines")
    chart = Chart(patient, log, rng)
    admit, course = patient.admit, patient.course
    clerked = admit + int(rng.uniform(0.4, 3) * HOUR) if patient.journey.kind != "day_case" else admit + 20 * MINUTE
    for code in regular(patient, rng):
        chart.order(code, clerked + rng.randrange(15 * MINUTE))
    if patient.age >= ADULT:
        for code in rng.sample(PRN, 1 if patient.day_case else 2):
            chart.order(code, clerked + rng.randrange(20 * MINUTE), "PRN")
    if course.surgery and course.surgery > clerked:
        chart.order(CEFUROXIME, max(clerked, course.surgery - HOUR), "ONCE")
        chart.order(FLUIDS, course.surgery + HOUR, "CONT", until=course.surgery + 20 * HOUR)
        if rng.random() < 0.5:
            chart.order(IBUPROFEN, course.surgery + 4 * HOUR)
    if patient.journey.kind == "newborn":
        chart.order(VITAMIN_K, clerked, "ONCE", exempt=True)
    if patient.journey.kind == "birth" and rng.random() < 0.15:
        chart.order(ANTI_D, clerked + 8 * HOUR, "ONCE", exempt=True)
    _infections(patient, chart, rng)
    for episode in course.deteriorations:
        if episode.peak > 0.6 and episode.start > admit and patient.age >= ADULT:
            chart.order(OXYGEN, episode.start + 10 * MINUTE, "COND", until=episode.start + int(episode.hours * HOUR))
            if rng.random() < 0.1:
                chart.order(rng.choice((ADRENALINE, GLUCOSE)), episode.start + 20 * MINUTE, "ONCE")
    if not patient.day_case:
        _reconciliation(patient, log, rng)
    return chart.first


def regular(patient: Patient, rng: Random) -> list[str]:
    """The codes of the patient's regular medicines."""
    if patient.journey.kind == "newborn":
        return []
    if patient.day_case:
        return rng.sample(COMMON, 1) if rng.random() < 0.3 else []
    if patient.age < ADULT:
        return [CODES["Paracetamol 1 g tablets"], *(rng.sample([SALBUTAMOL, *ANTIBIOTICS], 1))][: rng.randint(1, 2)]
    if patient.journey.kind == "birth":
        return [CODES["Paracetamol 1 g tablets"], IBUPROFEN, *([ENOXAPARIN] if rng.random() < 0.4 else [])]
    old = patient.age >= OLD
    codes = [*rng.sample(HEART, rng.randint(1, 4) if old else rng.randint(0, 2))]
    codes += rng.sample(COMMON, rng.randint(2, 4) if old else rng.randint(1, 3))
    codes += [code for code in RARE if rng.random() < 0.045]
    if rng.random() < 0.13:
        codes += INSULINS
    anticoagulated = any(CATALOGUE[code].drug_class == "anticoagulant" for code in codes)
    if not anticoagulated and rng.random() < 0.7:
        codes.append(ENOXAPARIN)
    if patient.ward_at(patient.discharge - 1).code == "RESP" and rng.random() < 0.6:
        codes.append(SALBUTAMOL)
    if rng.random() < 0.1:
        codes.append(FLUSH)
    if rng.random() < 0.06:
        codes.append(STOCKINGS)
    if rng.random() < 0.012:
        codes.append(LOCAL_ONLY)
    return codes


def _infections(patient: Patient, chart: Chart, rng: Random) -> None:
    sepsis = patient.course.sepsis
    if sepsis and sepsis.start < patient.discharge:
        decided = max(sepsis.start + int(rng.uniform(2, 25) * MINUTE), patient.arrival + 5 * MINUTE)
        chart.order(GENTAMICIN, decided, "ONCE")
        chart.order(rng.choice(ANTIBIOTICS[:2]), decided + 20 * MINUTE)
    elif patient.age >= ADULT and not patient.day_case and rng.random() < 0.16:
        chart.order(rng.choice(ANTIBIOTICS), patient.admit + int(rng.uniform(1, 30) * HOUR))


class Chart:
    """One patient's prescriptions."""

    def __init__(self, patient: Patient, log: Log, rng: Random) -> None:
        self.patient, self.log, self.rng = patient, log, rng
        self.first: int | None = None

    def order(
        self, code: str, start: int, kind: str = "SCHED", *, until: int | None = None, exempt: bool = False
    ) -> None:
        """One prescription with its actions and its due doses until it is stopped or the patient leaves."""
        patient, log, rng = self.patient, self.log, self.rng
        leaves = patient.discharge
        if start >= leaves - 10 * MINUTE:
            return
        drug = CATALOGUE.get(code)
        if drug and drug.days and kind == "SCHED":
            until = start + drug.days * DAY
        if kind == "ONCE":
            until = start + DAY
        rx = log.add(
            start,
            "rx_item",
            visit_no=patient.visit,
            product_code=code,
            route=drug.route if drug else "PO",
            freq_type=kind,
            created_at=start,
            valid_from=start,
            valid_to=until,
            verify_exempt=int(exempt),
        )
        if rng.random() < 0.006:
            self._act(rx, start, "DRAFT", "Doctor")
            return  # never signed
        self._act(rx, start, "PRESCRIBE", "Doctor")
        self.first = start if self.first is None else min(self.first, start)
        end = min(until or leaves, leaves)
        stopped = self._life(rx, start, end, kind)
        if not exempt:
            self._verify(rx, start, end)
        if kind == "SCHED":
            times = drug.times if drug else ((8, 0),)
            doses.scheduled(patient, log, rng, rx, times, start, stopped, drug.drug_class if drug else "other")
        elif kind == "ONCE":
            doses.once(patient, log, rng, rx, start)
        elif kind == "PRN":
            doses.as_needed(log, rng, rx, start, stopped)

    def _life(self, rx: int, start: int, end: int, kind: str) -> int:
        """Suspensions and stops; returns when the prescription ends."""
        rng, leaves = self.rng, self.patient.discharge
        long = end - start > 2 * DAY and kind == "SCHED"
        if long and rng.random() < 0.05:
            stopped = start + int((end - start) * rng.uniform(0.3, 0.9))
            self._act(rx, stopped, "STOP", "Doctor")
            return stopped
        if long and rng.random() < 0.03:
            held = start + int((end - start) * rng.uniform(0.2, 0.6))
            self._act(rx, held, "SUSPEND", "Doctor")
            if rng.random() < 0.8:
                self._act(rx, min(held + int(rng.uniform(10, 40) * HOUR), end), "RESUME", "Doctor")
        if end == leaves:
            self._act(rx, leaves, "STOP", "System")
        return end

    def _verify(self, rx: int, start: int, end: int) -> None:
        rng = self.rng
        strain = self.patient.strain_at(start)
        if rng.random() < 0.004 * strain:
            return  # overlooked
        verified = pharmacy_reaches(rng, start, strain)
        if verified < end:
            self._act(rx, verified, "VERIFY", "Pharmacist")
        if end - start > DAY and rng.random() < 0.06:
            changed = start + int((end - start) * rng.uniform(0.2, 0.9))
            self._act(rx, changed, "MODIFY", "Doctor")
            verified = pharmacy_reaches(rng, changed, self.patient.strain_at(changed))
            if verified < end:
                self._act(rx, verified, "VERIFY", "Pharmacist")

    def _act(self, rx: int, moment: int, action: str, role: str) -> None:
        self.log.add(moment, "rx_action", rx_id=rx, action=action, acted_at=moment, acted_by_role=role)


def pharmacy_reaches(rng: Random, moment: int, strain: float, night_share: float = 0.55) -> int:
    """When a pharmacist gets round to something that arises at ``moment``; one is on call at night."""
    wanted = moment + int(rng.expovariate(1 / (40 * MINUTE * (0.5 + 0.5 * strain)))) + 4 * MINUTE
    day = day_of(wanted)
    on_call = rng.random() < night_share
    while True:
        weekend = day.weekday() >= 5
        opens, closes = at(day, 9 if weekend else 7, 0), at(day, 18 if weekend else 22)
        if opens <= wanted < closes:
            return wanted
        if on_call:
            return wanted + int(rng.uniform(0.3, 3.5) * HOUR)
        if wanted < opens:
            return opens + int(rng.expovariate(1 / (45 * MINUTE)))
        day = following(day)


def _reconciliation(patient: Patient, log: Log, rng: Random) -> None:
    strain = patient.strain_at(patient.admit)
    if patient.discharge - patient.admit < 12 * HOUR or rng.random() < 0.015 * strain:
        return
    if rng.random() < 0.2:  # a doctor's drug history alone is no reconciliation
        early = patient.admit + int(rng.uniform(1, 4) * HOUR)
        log.add(early, "reconciliation", visit_no=patient.visit, started_at=early, finished_at=early,
                by_role="Doctor", n_sources=1)  # fmt: skip
    delay = rng.uniform(3, 13) if rng.random() > 0.03 * strain else rng.uniform(16, 40)
    started = pharmacy_reaches(rng, patient.admit + int(delay * HOUR), 0.5, night_share=0)
    finished = started + rng.randrange(10 * MINUTE, 80 * MINUTE)
    if hour_of(finished) < 7 or finished >= patient.discharge:
        return
    key = log.add(
        started,
        "reconciliation",
        visit_no=patient.visit,
        started_at=started,
        by_role=rng.choice(("Pharmacist", "Pharmacist", "Pharmacy technician", "Nurse")),
        n_sources=rng.choice((2, 2, 3)),
    )
    if rng.random() > 0.01:
        log.change(finished, "reconciliation", key, finished_at=finished)
    if rng.random() < 0.006:
        wrong = finished + HOUR
        log.change(wrong, "reconciliation", key, withdrawn_at=wrong)
