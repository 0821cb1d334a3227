//! Closed lists: an enum whose every value has a stored code and words for a person to read.

/// A value from a closed list.
///
/// The code is stored and sent, and never changes once released; the label may be reworded.
pub trait Choice: Sized + Copy + Eq + 'static {
    const ALL: &'static [Self];
    fn code(self) -> &'static str;
    fn label(self) -> &'static str;
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.code() == code)
    }
}

/// Declares a [`Choice`]: `Variant = "code", "Label";` a line.
#[macro_export]
macro_rules! choices {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $crate::Choice for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
            fn code(self) -> &'static str { match self { $(Self::$variant => $code,)+ } }
            fn label(self) -> &'static str { match self { $(Self::$variant => $label,)+ } }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str($crate::Choice::code(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let code = <String as serde::Deserialize>::deserialize(d)?;
                <Self as $crate::Choice>::from_code(&code)
                    .ok_or_else(|| serde::de::Error::custom(format!("{code:?} is not one of the choices")))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::Choice;

    choices! {
        /// Two ways to go.
        pub enum Way { Up = "up", "Up the stairs"; Down = "down", "Down the stairs"; }
    }

    #[test]
    fn a_code_leads_back_to_its_value_and_an_unknown_one_to_none() {
        assert_eq!(Way::from_code("down"), Some(Way::Down));
        assert_eq!(Way::from_code("Down"), None);
        assert_eq!(Way::Up.label(), "Up the stairs");
    }
}
