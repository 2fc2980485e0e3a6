//! The STRIDE categories as tools write them into files, in the languages of their user interfaces.
//!
//! Whole words are compared after case folding: a prefix would mistake Malay `Penafian` (repudiation) for `Penafian Perkhidmatan`
//! (denial of service), and without accents French `Falsification` (tampering) comes close to Portuguese `Falsificação` (spoofing).
//! Source: `threats.model.stride.*` of Threat Dragon's `td.vue/src/i18n/*.json` (2.6.2), read in 2026.

use crate::model::category::Category;

/// The category that a word names; `None` for anything that is no STRIDE category.
pub(super) fn category(word: &str) -> Option<Category> {
    let word: String = word.trim().chars().flat_map(char::to_lowercase).collect();
    let mut letters = word.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Category::from_letter(letter.to_ascii_uppercase());
    }
    WORDS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(category, _)| *category)
}

const WORDS: [(Category, &[&str]); 6] = [
    (
        Category::Spoofing,
        &[
            "spoofing",
            "spoofing التزييف",
            "παραπλάνηση (spoofing)",
            "spoofing / spoofing",
            "usurpation d'identité",
            "स्पूफिंग",
            "なりすまし",
            "penipuan",
            "falsificação",
            "欺骗",
        ],
    ),
    (
        Category::Tampering,
        &[
            "tampering",
            "tampering التلاعب",
            "manipulation",
            "παραποίηση (tampering)",
            "tampering / manipulación",
            "falsification",
            "छेड़छाड़",
            "改竄",
            "penyelewengan",
            "adulteração",
            "篡改",
        ],
    ),
    (
        Category::Repudiation,
        &[
            "repudiation",
            "repudiation رفض",
            "nichtanerkennung",
            "αποποίηση (repudiation)",
            "repudiation / repudiación",
            "répudiation",
            "अस्वीकृति",
            "否認",
            "penafian",
            "repúdio",
            "否认",
        ],
    ),
    (
        Category::InformationDisclosure,
        &[
            "information disclosure",
            "info disclosure",
            "information-disclosure",
            "information disclosure كشف المعلومات",
            "veröffentlichung von informationen",
            "αποκάλυψη πληροφοριών (information disclosure)",
            "information disclosure / brecha de información",
            "divulgation d'information",
            "सूचना प्रकटीकरण",
            "情報漏洩",
            "pendedahan maklumat",
            "divulgação de informações",
            "信息泄露",
        ],
    ),
    (
        Category::DenialOfService,
        &[
            "denial of service",
            "denial-of-service",
            "denial of service إنكار الخدمة",
            "άρνηση εκτέλεσης υπηρεσίας (denial of service)",
            "denial of service / denegación de servicio",
            "déni de service",
            "सेवा से इनकार",
            "サービス拒否",
            "penafian perkhidmatan",
            "negação de serviço",
            "拒绝服务",
        ],
    ),
    (
        Category::ElevationOfPrivilege,
        &[
            "elevation of privilege",
            "elevation of privileges",
            "elevation-of-privilege",
            "elevation of privilege تسلق الامتياز",
            "erhöhung von rechten",
            "αναβάθμιση προνομίων (elevation of priviledge)",
            "elevation of privilege / elevación de privilegios",
            "élévation de privilège",
            "विशेषाधिकार का उन्नयन",
            "特権の昇格",
            "kenaikan hak",
            "elevação de privilégio",
            "权限提升",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::category;
    use crate::model::category::Category;

    #[test]
    fn words_that_look_alike_are_told_apart() {
        for (word, expected) in [
            ("Penafian", Some(Category::Repudiation)),
            ("Penafian Perkhidmatan", Some(Category::DenialOfService)),
            ("Falsification", Some(Category::Tampering)),
            ("Falsificação", Some(Category::Spoofing)),
            (" elevation of privilege ", Some(Category::ElevationOfPrivilege)),
            ("s", Some(Category::Spoofing)),
            ("Linkability", None),
            ("", None),
        ] {
            assert_eq!(category(word), expected, "{word}");
        }
    }
}
