//! Email by SMTP. It knows addresses and bodies, and no capability.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use lettre::{
    Message,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
    },
};
use tokio::time::timeout;

use super::{
    Error, Result,
    sending::{Outcome, PATIENCE},
};

/// How the way to the mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// TLS from the first byte, usually port 465.
    Tls,
    /// STARTTLS, usually port 587: refused where the server does not offer it.
    StartTls,
    /// None: for a server on this machine only.
    None,
}

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub privacy: Privacy,
    /// Who signs the server's certificate, beside whom this machine trusts.
    pub trusts: Option<Certificate>,
    /// User and password, where the server asks for them.
    pub user: Option<(String, Arc<str>)>,
    /// Whom messages come from.
    pub from: Mailbox,
    pub patience: Duration,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("privacy", &self.privacy)
            .finish_non_exhaustive()
    }
}

/// One email.
#[derive(Debug)]
pub struct Email<'a> {
    pub to: &'a str,
    pub subject: &'a str,
    pub words: &'a str,
    /// What a file is called, and its bytes.
    pub file: Option<(&'a str, &'a [u8])>,
    /// The left part of its Message-ID: the same each time it is tried.
    pub id: &'a str,
    /// Where one press stops these messages, for mail programs that offer it (RFC 8058).
    pub stop: Option<&'a str>,
    pub at: DateTime<Utc>,
}

/// "Steady Ground <hello@example.org>", or an address alone.
pub fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("{text:?} is no email address"))
}

/// A certificate from a PEM file.
pub fn certificate(pem: &str) -> Result<Certificate, String> {
    if !pem.contains("-----BEGIN CERTIFICATE-----") {
        return Err("it has no certificate in it".to_owned());
    }
    Certificate::from_pem(pem.as_bytes()).map_err(|why| why.to_string())
}

impl Smtp {
    pub fn new(host: String, port: u16, privacy: Privacy, from: Mailbox) -> Self {
        Self {
            host,
            port,
            privacy,
            trusts: None,
            user: None,
            from,
            patience: PATIENCE,
        }
    }

    /// The Message-ID of an email, by which the server's log tells of it.
    pub fn message_id(&self, id: &str) -> String {
        format!("<{id}@{}>", self.from.email.domain())
    }

    /// Hands an email over. Whatever fails before its words are sent has surely not gone.
    pub async fn send(&self, email: &Email<'_>) -> Outcome {
        let Ok(message) = self.written(email) else {
            return Outcome::Never;
        };
        let later = Outcome::Later {
            busy: false,
            wait: None,
        };
        let mut server = match timeout(self.patience, self.connect()).await {
            Ok(Ok(server)) => server,
            Ok(Err(_)) | Err(_) => return later,
        };
        let sent = timeout(
            self.patience,
            server.send(message.envelope(), &message.formatted()),
        )
        .await;
        match sent {
            Ok(Ok(_)) => {
                // It is taken, however the good-bye goes.
                let _ = timeout(Duration::from_secs(1), server.quit()).await;
                Outcome::Taken {
                    reference: self.message_id(email.id),
                }
            }
            Ok(Err(error)) if error.is_permanent() || error.is_client() => Outcome::Never,
            Ok(Err(error)) if error.is_transient() => later,
            Ok(Err(_)) | Err(_) => Outcome::Unknown,
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection> {
        let tls = || {
            let mut tls = TlsParameters::builder(self.host.clone());
            if let Some(signer) = &self.trusts {
                tls = tls.add_root_certificate(signer.clone());
            }
            tls.build_rustls().map_err(Error::internal)
        };
        let hello = ClientId::Domain(self.from.email.domain().to_owned());
        let begin = match self.privacy {
            Privacy::Tls => Some(tls()?),
            Privacy::StartTls | Privacy::None => None,
        };
        let mut server = AsyncSmtpConnection::connect_tokio1(
            (self.host.as_str(), self.port),
            Some(self.patience),
            &hello,
            begin,
            None,
        )
        .await
        .map_err(Error::internal)?;
        if self.privacy == Privacy::StartTls {
            server
                .starttls(tls()?, &hello)
                .await
                .map_err(Error::internal)?;
        }
        if let Some((user, password)) = &self.user {
            let credentials = Credentials::new(user.clone(), password.to_string());
            server
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await
                .map_err(Error::internal)?;
        }
        Ok(server)
    }

    fn written(&self, email: &Email<'_>) -> Result<Message> {
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(mailbox(email.to).map_err(Error::Internal)?)
            .subject(email.subject)
            .date(email.at.into())
            .message_id(Some(self.message_id(email.id)));
        if let Some(stop) = email.stop {
            message = message
                .raw_header(header("List-Unsubscribe", format!("<{stop}>"))?)
                .raw_header(header(
                    "List-Unsubscribe-Post",
                    "List-Unsubscribe=One-Click".to_owned(),
                )?);
        }
        let words = SinglePart::plain(email.words.to_owned());
        match email.file {
            None => message.singlepart(words),
            Some((name, bytes)) => {
                let kind = if name.ends_with(".pdf") {
                    "application/pdf"
                } else {
                    "application/octet-stream"
                };
                let kind = ContentType::parse(kind).map_err(Error::internal)?;
                let file = Attachment::new(name.to_owned()).body(bytes.to_vec(), kind);
                message.multipart(MultiPart::mixed().singlepart(words).singlepart(file))
            }
        }
        .map_err(Error::internal)
    }
}

fn header(name: &'static str, value: String) -> Result<HeaderValue> {
    Ok(HeaderValue::new(
        HeaderName::new_from_ascii(name.to_owned()).map_err(Error::internal)?,
        value,
    ))
}
