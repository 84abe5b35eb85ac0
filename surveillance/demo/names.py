"""What people in the simulated hospital are called: plain lists of given and family names, all paired by chance.

Nobody's record: a name is drawn from the lists, a hospital number counts, and an NHS number is one of those from 999
that the NHS gives to nobody.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Origin(NamedTuple):
    """Names that go together. ``weight``: how many of a hundred people; ``older``: given names before about 1965."""

    weight: int
    family: str
    women: str
    men: str
    older_women: str = ""
    older_men: str = ""


ORIGINS = (
    Origin(
        52,
        "Ashworth Baines Barraclough Birtwistle Blackburn Bradshaw Brierley Butterworth Cartwright Clegg Crabtree "
        "Crawshaw Dewhurst Duckworth Eastwood Entwistle Fairclough Farrow Fielding Gledhill Greenhalgh Grimshaw "
        "Hargreaves Haworth Heaton Heyworth Hindle Holroyd Howarth Illingworth Kershaw Leach Lomax Marsden Naylor "
        "Nuttall Ogden Openshaw Pickles Pilling Ramsbottom Rigby Rothwell Schofield Shackleton Sutcliffe Tattersall "
        "Thistlethwaite Turton Walmsley Whittaker Wolstenholme Wright Brown Taylor Wilson Smith Jones",
        "Amy Chloe Claire Emma Gemma Hannah Holly Jade Jessica Kelly Laura Lauren Lucy Megan Natalie Nicola Olivia "
        "Rachel Rebecca Sarah Sophie Stacey Victoria Zoe",
        "Adam Andrew Ben Callum Christopher Craig Daniel David Gareth Jack James Joshua Lee Liam Luke Mark Matthew "
        "Michael Nathan Paul Ryan Stephen Thomas Wayne",
        "Ada Audrey Barbara Beryl Brenda Doreen Dorothy Edith Elsie Enid Freda Gladys Hilda Irene Jean Joan Joyce "
        "Margaret Marjorie Maureen Mavis Mildred Muriel Nellie Olive Pauline Sheila Sylvia Vera Winifred",
        "Albert Alfred Arnold Arthur Bernard Brian Cyril Derek Dennis Donald Douglas Edwin Eric Ernest Frank Fred "
        "Geoffrey George Gordon Harold Herbert Jack Kenneth Leslie Norman Raymond Reginald Ronald Stanley Walter",
    ),
    Origin(
        7,
        "Byrne Callaghan Doherty Fitzgerald Gallagher Kavanagh Lynch McCarthy McGrath Murphy O'Brien O'Connor "
        "O'Donnell O'Neill O'Sullivan Quinn Rafferty",
        "Aoife Bernadette Caitlin Ciara Maeve Niamh Orla Roisin Siobhan Sinéad",
        "Aidan Brendan Ciaran Conor Declan Dermot Eamon Fergal Kieran Seán",
        "Assumpta Bridget Kathleen Mary Noreen Nuala Philomena Teresa",
        "Cornelius Dermot Eugene Gerard Malachy Patrick Thomas Vincent",
    ),
    Origin(
        5,
        "Bevan Cadwallader Davies Evans Gruffydd Llewellyn MacDonald MacKenzie McAllister Morgan Pritchard Probert "
        "Rhys Sinclair Tudor",
        "Angharad Catrin Eilidh Ffion Isla Kirsty Mairi Rhiannon Sian",
        "Alasdair Dafydd Ewan Gethin Hamish Iain Ieuan Owain Rhodri",
        "Blodwen Gwyneth Morag Myfanwy Una",
        "Angus Emrys Gwilym Hector Idris",
    ),
    Origin(
        8,
        "Ahmed Akhtar Begum Chaudhry Hussain Iqbal Jabeen Khan Mahmood Malik Mirza Qureshi Rahman Rashid Shah Siddiqui",
        "Aisha Amina Fatima Hafsa Khadija Maryam Nasreen Parveen Rukhsana Saima Shazia Zainab",
        "Abdul Arshad Bilal Faisal Hamza Imran Mohammed Nadeem Omar Tariq Usman Yusuf",
    ),
    Origin(
        5,
        "Banerjee Chauhan Desai Gill Iyer Joshi Kaur Mehta Patel Raghunathan Rao Sandhu Sharma Shrestha Singh Solanki",
        "Anjali Deepa Gurpreet Harjit Kavita Lakshmi Meena Nisha Priya Sunita",
        "Amit Anil Balwinder Harpreet Jaswinder Kiran Manoj Rajesh Sanjay Vikram",
    ),
    Origin(
        5,
        "Adeyemi Afolabi Agyeman Asante Boateng Chukwuemeka Eze Mensah Moyo Ncube Nwosu Okafor Okonkwo Oluwaseun Osei",
        "Abena Adaeze Akosua Blessing Chiamaka Folake Grace Ngozi Thandiwe Yetunde",
        "Chidi Emeka Emmanuel Kofi Kwame Kwabena Olumide Samuel Tendai Tunde",
    ),
    Origin(
        3,
        "Bailey Blake Campbell Clarke Francis Gayle Gordon Grant Henry Joseph Lewis Reid Samuels Williams",
        "Beverley Charmaine Claudette Janelle Marcia Sharon",
        "Delroy Devon Errol Leroy Marlon Winston",
        "Alvita Gloria Hyacinth Ivy Lurline Pearl",
        "Clifton Egbert Everton Lloyd Neville Vivian",
    ),
    Origin(
        5,
        "Dąbrowski Horváth Ionescu Kovalenko Kowalczyk Lewandowski Marchenko Nowak Petrenko Popescu Szymański Wójcik",
        "Agnieszka Aneta Elena Ioana Katarzyna Magdalena Małgorzata Oksana Zuzanna",
        "Andrei Grzegorz István Krzysztof Mykola Paweł Tomasz Vasile Zbigniew",
    ),
    Origin(
        3,
        "Chan Chen Cheung Ho Lam Li Ng Nguyễn Trần Wong Wu Zhang",
        "Hui Linh Mei Siu-Ling Thuỳ Wai-Yee Xiu Ying",
        "Chi-Ming Hoàng Jun Kwok-Wai Minh Tao Wei Yu",
    ),
    Origin(
        3,
        "Abdi Al-Hashimi Ebrahimi Farah Haddad Hosseini Mansour Mohamud Nasser Rezaei Warsame",
        "Farah Hodan Ifrah Layla Noor Parisa Shirin Yasmin",
        "Ali Dariush Hassan Karim Mahdi Mustafa Reza Sami",
    ),
    Origin(
        2,
        "Costa Esposito Fernandes García López Papadopoulos Rossi Silva-Rodrigues",
        "Beatriz Carmela Giulia Inês María Sofia",
        "Antonio Duarte Giovanni João José Nikos",
    ),
    Origin(2, "Bautista Dela-Cruz Ramos Reyes Santos Villanueva", "Analyn Jocelyn Maricel Rowena", "Arnel Jomar Rodel"),
)
BORN_LATER = 1965
BABY = "Baby"
"""What a newborn is called until somebody has registered the birth."""
DOUBLED = 0.03
"""Share of people with two family names."""
TRUST = "FHN"
"""The first letters of every hospital number; no trust of the NHS has them."""
_WEIGHTS = [origin.weight for origin in ORIGINS]
_LISTS = [tuple(tuple(names.split()) for names in origin[1:]) for origin in ORIGINS]


def name(rng: Random, *, female: bool, born: int, newborn: bool) -> tuple[str, str]:
    """Family name and given name of somebody born in that year."""
    family, women, men, older_women, older_men = rng.choices(_LISTS, _WEIGHTS)[0]
    own = rng.choice(family)
    if rng.random() < DOUBLED:
        own = f"{own}-{rng.choice(family)}"
    younger, older = (women, older_women) if female else (men, older_men)
    given = rng.choice(older if older and born < BORN_LATER else younger)
    return own, BABY if newborn else given


def hospital_number(number: int) -> str:
    """The number on the wristband of the patient who came as this one (below a million); no two have the same."""
    digits = f"{(number * 7_919 + 104_772) % 1_000_000:06}"  # 7919 is prime to a million
    return f"{TRUST} {digits[:3]} {digits[3:]}"


def nhs_number(number: int) -> str:
    """A valid number of the test range 999, written without spaces; no two of a hundred thousand patients share one."""
    body = f"999{(number * 7_919 + 31) % 100_000:05}"
    nine = f"{body}0" if check_digit(f"{body}0") is not None else f"{body}1"  # never both are without
    return f"{nine}{check_digit(nine)}"


def check_digit(nine: str) -> int | None:
    """The tenth digit of an NHS number (modulus 11, NHS Data Dictionary); None where these nine cannot be one."""
    check = 11 - sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return {11: 0, 10: None}.get(check, check)
